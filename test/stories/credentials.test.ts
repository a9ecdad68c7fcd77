/** Every credential of the list, in a workspace that is the owner's own home: no command, file tool or wish reaches it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { credentialsIn } from "@paddock/policy";
import { needs } from "../needs.ts";
import { rest } from "../world/callers.ts";
import { startWorld } from "../world/world.ts";

const home = mkdtempSync(join(tmpdir(), "pw-home-"));
after(() => rmSync(home, { recursive: true, force: true }));

const all = credentialsIn(home);
const isFolder = (path: string) =>
  all.some((other) => other.startsWith(`${path}/`)) || /keyrings|\.ssh$|\.gnupg$/.test(path);

function plant(): void {
  for (const path of all) {
    const file = isFolder(path) ? join(path, "secret") : path;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "canary\n");
  }
  writeFileSync(join(home, "notes.txt"), "canary of mine\n");
}

test("no credential is reached from a workspace that holds them all", needs("bwrap"), async () => {
  plant();
  await using world = await startWorld({ settings: { HOME: home, PADDOCK_WORKSPACE: home } });
  await using agent = await rest(world);
  const { data } = await agent.call("run_command", { command: "grep -rl canary . 2>/dev/null" });
  assert.equal(data.stdout, "./notes.txt\n");
  const search = { pattern: "canary", include_hidden: true, include_ignored: true, output_mode: "files_with_matches" };
  assert.deepEqual((await agent.call("grep", search)).data.files, ["notes.txt"]);
  const reached: string[] = [];
  for (const path of all) {
    const read = await agent.call("read_text_file", { path });
    const copied = await agent.call("copy_file", { source: path, destination: join(home, "copy") });
    if (read.data.code !== "denied" || copied.data.code !== "denied") reached.push(path);
  }
  assert.deepEqual(reached, []);
  for (const path of all.slice(0, 5)) {
    const wish = { paths: [{ path }], reason: "to look" };
    assert.equal((await agent.call("run_command", { command: `cat ${path}`, needs: wish })).data.code, "denied", path);
  }
});
