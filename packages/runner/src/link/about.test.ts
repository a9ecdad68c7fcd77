import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openProjectMemory } from "../context/project-memory.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import { openWorkspaces } from "../workspaces/workspaces.ts";
import { openAbout } from "./about.ts";

test("instructions import nothing from another root: whoever may use one workspace is told them", async () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "paddock-about-")));
  const [standard, other] = [join(base, "work"), join(base, "other")];
  for (const folder of [standard, other]) mkdirSync(folder);
  writeFileSync(join(other, "notes.md"), "the other's secret");
  writeFileSync(join(standard, "more.md"), "more of this one");
  writeFileSync(join(standard, "AGENTS.md"), `Use tabs. @more.md @${other}/notes.md @../other/notes.md`);
  const workspaces = openWorkspaces({
    store: join(base, "roots.json"),
    standard,
    profile: "workspace",
    hidden: () => [],
    installation: "/nowhere",
    longestCallMs: 60_000,
  });
  workspaces.add(other, true);
  const memory = openProjectMemory({ ownerFile: join(base, "memory.md"), maxBytes: 32_768, maxLines: 200 });
  const bridge = {
    watch: () => () => undefined,
    isInUse: () => false,
    named: () => [],
    learn: async () => undefined,
  };
  const about = await openAbout({
    workspaces,
    toolbox: { memory, bridge } as unknown as Toolbox,
    profile: "workspace",
    sandbox: "bwrap",
    log: { warn() {} },
  });
  const { instructions, general } = about.now();
  about.close();
  rmSync(base, { recursive: true });
  assert.deepEqual(
    ["Use tabs.", "more of this one", "the other's secret"].map((text) => instructions.includes(text)),
    [true, true, false],
  );
  assert.equal(instructions.startsWith(general ?? "none") && !general?.includes(base), true);
});
