import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { needs } from "../../../../../test/needs.ts";
import type { Caged } from "../cage.ts";
import { makeCages, type TestCages } from "../cages.fixture.ts";
import { hiddenIn } from "./owners-list.ts";

const withBwrap = needs("bwrap");
const secret = "the-owners-secret";

const withEnv = ({ workspace }: Pick<TestCages, "workspace">) => writeFileSync(join(workspace, ".env"), secret);
const cagesHiding = (listed: readonly string[], prepare: Parameters<typeof makeCages>[1] = withEnv) =>
  makeCages("bwrap", prepare, listed);

/** A file put in the place of another in one step, as editors save. */
function exchange(path: string, content: string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

/** Resolves when Paddock has stopped the cage; with what it printed. */
async function untilStopped(caged: Caged): Promise<string> {
  let said = "";
  caged.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await caged.exited;
  return said;
}

const sleeping = (place: TestCages, script = "sleep 300") =>
  place.cages.start(place.spec({ argv: ["/bin/bash", "-c", script] }));

test("what the owner lists cannot be read in a cage, nor removed, renamed or written there", withBwrap, async () => {
  await using place = await cagesHiding([".env", "keys", "~/notes"], ({ workspace, ownerHome }) => {
    withEnv({ workspace });
    mkdirSync(join(workspace, "keys"));
    writeFileSync(join(workspace, "keys", "id"), secret);
    writeFileSync(join(ownerHome, "notes"), secret);
  });
  const roots = [place.workspace, place.ownerHome].map((path) => ({ path, write: true }));
  const tries = `cat .env; ls keys; rm -rf .env keys; mv .env a; mv keys b; mv -T /dev/null .env; echo x >.env; ln .env c; cat ${place.ownerHome}/notes`;
  const { stdout } = await place.script(`(${tries}) 2>/dev/null; ls -A; cat * 2>/dev/null`, { roots });
  assert.deepEqual([stdout, readFileSync(join(place.workspace, ".env"), "utf8")], [".env\nkeys\n", secret]);
});

test(
  "a file that is saved anew on the host is not read by a cage that runs: the cage is stopped",
  withBwrap,
  async () => {
    await using place = await cagesHiding([".env"]);
    const caged = await sleeping(place);
    exchange(join(place.workspace, ".env"), `${secret}-2`);
    await untilStopped(caged);
    assert.match(caged.stopped ?? "", /\.env was exchanged on the machine/);
    assert.deepEqual(place.changed, [join(place.workspace, ".env")]);
    assert.equal((await place.script("cat .env")).stdout, "");
  },
);

test("a call whose cage was stopped is told so, and gets nothing of what it printed", withBwrap, async () => {
  await using place = await cagesHiding([".env"]);
  const ran = place.script("echo begun >begun; echo before; sleep 300");
  while (!(await place.script("ls begun")).stdout) await delay(20);
  exchange(join(place.workspace, ".env"), secret);
  await assert.rejects(ran, { code: "cage_stopped" });
});

test(
  "a file or folder that comes to be where one is listed stops the cages that would show it",
  withBwrap,
  async () => {
    await using place = await cagesHiding(["deep/er/.env"], () => undefined);
    const caged = await sleeping(place);
    const folder = join(place.workspace, "deep", "er");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, ".env"), secret);
    await untilStopped(caged);
    assert.equal((await place.script("cat deep/er/.env; mv deep a || mv deep/er b")).stdout, "");
    const second = await sleeping(place);
    renameSync(join(place.workspace, "deep"), join(place.workspace, "old"));
    mkdirSync(folder, { recursive: true });
    exchange(join(folder, ".env"), secret);
    await untilStopped(second);
  },
);

test("a folder that an agent makes on the way to a listed file does not stop its cage", withBwrap, async () => {
  await using place = await cagesHiding(["deep/er/.env"], () => undefined);
  const { code, stdout } = await place.script("mkdir -p deep/er; touch deep/er/other; sleep 0.6; echo went on");
  assert.deepEqual([code, stdout], [0, "went on\n"]);
});

test("a change is noticed although an agent fills the folder with others", withBwrap, async () => {
  await using place = await cagesHiding([".env"]);
  const caged = await sleeping(place, "while :; do : >a; rm a; done");
  await delay(200);
  exchange(join(place.workspace, ".env"), secret);
  await untilStopped(caged);
});

test("cages that do not show the file are left alone", withBwrap, async () => {
  await using place = await cagesHiding([".env"]);
  const shows = await sleeping(place);
  const does = place.spec({
    argv: ["/bin/cat"],
    roots: [{ path: place.ownerHome, write: true }],
    cwd: place.ownerHome,
  });
  const other = await place.cages.start(does);
  exchange(join(place.workspace, ".env"), secret);
  await untilStopped(shows);
  other.stdin.end("still there");
  assert.equal(await untilStopped(other), "still there");
});

test("credentials in a home that is a root are watched as well", withBwrap, async () => {
  await using place = await makeCages();
  const roots = [{ path: place.ownerHome, write: true }];
  const caged = await place.cages.start(place.spec({ argv: ["sleep", "300"], roots, cwd: place.ownerHome }));
  mkdirSync(join(place.ownerHome, ".ssh"));
  await untilStopped(caged);
  assert.deepEqual(place.changed, [join(place.ownerHome, ".ssh")]);
});

test(
  "a thread that exchanges the file all the time is never read by commands that begin meanwhile",
  withBwrap,
  async () => {
    await using place = await cagesHiding([".env"]);
    const swapper = new Worker(
      `const { writeFileSync, renameSync } = require("node:fs"), { workerData: path } = require("node:worker_threads");
     setInterval(() => { writeFileSync(path + ".new", "${secret}"); renameSync(path + ".new", path); }, 5);`,
      { eval: true, workerData: join(place.workspace, ".env") },
    );
    const read = new Set<string>();
    for (let round = 0; round < 10; round += 1) {
      const outcome = await place.script("sleep 0.05; cat .env").catch(({ code }) => ({ stdout: code }));
      read.add(outcome.stdout);
    }
    await swapper.terminate();
    assert.equal(
      [...read].some((said) => said.includes(secret)),
      false,
      [...read].join(),
    );
  },
);

test(
  "a link is hidden with what it leads to in its root, and cannot have anything else hidden",
  withBwrap,
  async () => {
    await using place = await cagesHiding([".env", "system", "loop"], ({ workspace }) => {
      mkdirSync(join(workspace, "config"));
      writeFileSync(join(workspace, "config", "env"), secret);
      symlinkSync("config/env", join(workspace, ".env"));
      symlinkSync("/usr/bin", join(workspace, "system"));
      symlinkSync("loop", join(workspace, "loop"));
    });
    const { stdout } = await place.script(
      "cat .env config/env; ls /usr/bin | grep -cx bash; rm .env; echo x >config/env",
    );
    assert.equal(stdout, "1\n");
    assert.equal(readFileSync(join(place.workspace, "config", "env"), "utf8"), secret);
  },
);

test("a hidden file that is gone stops nothing and hides nothing", withBwrap, async () => {
  await using place = await cagesHiding([".env"]);
  const ran = place.script("echo begun >begun; sleep 1; echo went on");
  while (!(await place.script("ls begun")).stdout) await delay(20);
  rmSync(join(place.workspace, ".env"));
  assert.equal((await ran).stdout, "went on\n");
});

for (const entry of ["", ".", "/", "../x", "a/../../b", "*.env", "conf/{a,b}"]) {
  test(`hidden_paths refuses ${JSON.stringify(entry)}`, () => {
    assert.throws(() => hiddenIn([], [entry], "/home/me"), { code: "invalid_config" });
  });
}

test("an entry is absolute, from the home, or in every root", () => {
  const hidden = hiddenIn(["/state"], ["/srv/key", "~/k/", ".env", "a/b"], "/home/me");
  assert.deepEqual(hidden([{ path: "/w" }, { path: "/v" }]), [
    ...["/state", "/srv/key", "/home/me/k"].map((path) => ({ path })),
    ...["/w", "/v"].flatMap((within) => [".env", "a/b"].map((name) => ({ path: join(within, name), within }))),
  ]);
});
