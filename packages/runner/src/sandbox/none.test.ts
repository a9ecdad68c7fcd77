import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeCages } from "./cages.fixture.ts";

test("a command that leaves the cage finds its programs where agents cannot put any", async () => {
  const before = process.env.PATH;
  await using place = await makeCages("none", ({ workspace }) => {
    mkdirSync(join(workspace, "bin"));
    writeFileSync(join(workspace, "bin", "uname"), "#!/bin/sh\necho planted\n", { mode: 0o755 });
    writeFileSync(join(workspace, "uname"), "#!/bin/sh\necho planted\n", { mode: 0o755 });
    process.env.PATH = `${join(workspace, "bin")}:.::${before}`;
  });
  process.env.PATH = before;
  const script = "uname; case :$PATH: in *:.:*|*::*) echo open;; esac";
  assert.equal((await place.script(script, { noCage: true })).stdout, "Linux\n");
  const given = { noCage: true, env: { PATH: `${join(place.workspace, "bin")}:/usr/bin:/bin` } };
  assert.equal((await place.script(script, given)).stdout, "Linux\n");
});
