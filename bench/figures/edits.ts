/** Changes to one place of a file, with pre-image, checkpoint and diff. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, inTurns } from "../figure.ts";
import type { Caller } from "../stage.ts";
import { besideEcho } from "./calls.ts";

const lines = 100;

export const edits: Figure = {
  name: "edits",
  async measure({ tree, echo, caller }) {
    for (const name of ["edited.ts", "patched.ts"]) writeFileSync(join(tree, name), source());
    const { base, edit, patch } = await inTurns(
      {
        base: () => echo.post("/echo", JSON.stringify(editOf("edited.ts", "const here = 1;", "const here = 2;"))),
        edit: toggling((from, to) => must(caller, "edit_file", editOf("edited.ts", from, to))),
        patch: toggling((from, to) => must(caller, "apply_patch", { patch: patchOf(from, to) })),
      },
      { rounds: 20, each: 30 },
    );
    return [besideEcho("edit_file", edit, base, 8), besideEcho("apply_patch of one hunk", patch, base, 8)];
  },
};

function toggling(change: (from: string, to: string) => Promise<void>): () => Promise<void> {
  let now = 0;
  return () => {
    now += 1;
    return change(`const here = ${now - 1};`, `const here = ${now};`);
  };
}

async function must(caller: Caller, tool: string, input: Readonly<Record<string, unknown>>): Promise<void> {
  const { status, body } = await caller.send(tool, input);
  if (status !== 200) throw new Error(`${tool}: ${body.toString("utf8", 0, 500)}`);
}

const editOf = (path: string, old_text: string, new_text: string) => ({ path, old_text, new_text });

const patchOf = (from: string, to: string): string =>
  [
    "--- a/patched.ts",
    "+++ b/patched.ts",
    "@@ -49,3 +49,3 @@",
    " // line 49",
    `-${from}`,
    `+${to}`,
    " // line 51",
    "",
  ].join("\n");

const source = (): string =>
  Array.from({ length: lines }, (_, index) => (index === 49 ? "const here = 0;\n" : `// line ${index + 1}\n`)).join("");
