/** The container image, built from an archive by packaging/Dockerfile and run by a real engine. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeArchive } from "../../scripts/release/archive.ts";
import { needs } from "../needs.ts";
import { repository } from "../sources.ts";
import { openImage } from "../world/container.ts";
import { until } from "../world/until.ts";

/** A container begins with a copy of everything, with the driver that works everywhere. */
const patienceMs = 120_000;
const processor = process.arch === "arm64" ? "arm64" : "x64";

test(
  "the image serves as a user without rights, keeps its state, and ends when asked",
  needs("docker", "tini", "bwrap", "git"),
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "paddock-image-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    await using image = openImage(folder, folder, makeArchive(repository, processor, folder));
    const { docker, name } = image;
    docker(
      "run",
      "--detach",
      "--name",
      name,
      "--network=none",
      "--read-only",
      "--tmpfs=/tmp",
      "--cap-drop=ALL",
      image.id,
    );
    const inside = (...argv: string[]) => docker("exec", name, ...argv);
    await until(() => attempt(() => inside("paddock", "token", "create", "--name", "laptop")), patienceMs);
    const health = JSON.parse(docker("inspect", "--format", "{{json .Config.Healthcheck.Test}}", image.id));
    inside(...health.slice(1));
    assert.equal(inside("id", "-u"), "1000");
    assert.throws(() => inside("touch", "/opt/paddock/bin/paddock"), /Permission denied/);
    docker("stop", "--time=20", name);
    assert.equal(docker("inspect", "--format", "{{.State.ExitCode}}", name), "0");
    docker("start", name);
    assert.match(await until(() => attempt(() => inside("paddock", "token", "list")), patienceMs), /laptop/);
    docker("rm", "--force", "--volumes", name);

    const allowed = ["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"];
    const options = allowed.map((option) => `--security-opt=${option}`);
    docker("run", "--detach", "--name", name, "--network=none", ...options, image.id, "up");
    const call = () => inside("paddock", "call", "run_command", "--command", "echo $HOME; id -u");
    const answer = await until(() => attempt(call), patienceMs);
    assert.match(answer, /\/run\/home\n1000/);
  },
);

/** Undefined while it fails. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
