import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openRoots } from "../files/open-roots.ts";
import { workingDirectory } from "./working-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "paddock-cwd-"));
after(() => rmSync(folder, { recursive: true }));
const [workspace, outside] = [join(folder, "work"), join(folder, "outside")];
for (const path of ["work/src", "work/closed", "outside"]) mkdirSync(join(folder, path), { recursive: true });
writeFileSync(join(workspace, "file"), "");
symlinkSync(outside, join(workspace, "link"));
symlinkSync("closed", join(workspace, "to-closed"));
const roots = openRoots({ roots: [{ path: workspace, write: true }], hidden: [join(workspace, "closed")] });
after(() => roots[Symbol.dispose]());
const at = (named: string) => workingDirectory(named, { roots, workspace });

test("a directory beneath a root is given back absolute, and so are the cage's own places", async () => {
  assert.deepEqual(
    [await at("src"), await at("."), await at(join(workspace, "src")), await at("/tmp"), await at("/run/home/x")],
    [join(workspace, "src"), workspace, join(workspace, "src"), "/tmp", "/run/home/x"],
  );
});

test("each way in which it can be wrong has a code of its own", async () => {
  const cases = [
    ["", "working_directory_empty"],
    ["  ", "working_directory_empty"],
    ["a\0b", "working_directory_invalid"],
    ["nothing", "working_directory_not_found"],
    ["file", "working_directory_not_directory"],
    ["file/below", "working_directory_not_found"],
    ["closed", "working_directory_denied"],
    ["to-closed", "working_directory_denied"],
    ["link", "working_directory_outside_allowed_roots"],
    ["/", "working_directory_outside_allowed_roots"],
    ["/usr", "working_directory_outside_allowed_roots"],
  ] as const;
  for (const [named, code] of cases) await assert.rejects(at(named), { code }, named);
});
