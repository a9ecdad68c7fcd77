/** For a test: keeps changes without end, tells each one with a byte once it is kept, and is killed in the middle. */
import { writeSync } from "node:fs";
import { newId } from "@paddock/contract";
import { openStore } from "./store.ts";

const store = openStore(`${process.argv[2]}/checkpoints.sqlite3`, () => process.exit(1));
const more = {
  workspace: "/w",
  principal: "p",
  run: "r",
  tool: "edit_file",
  title: "t",
  kind: "change",
  tree: null,
  checkpoint: "full",
} as const;
for (let count = 0; ; count += 1) {
  const content = Buffer.alloc(5000, `${count} `);
  store.add({ ...more, id: newId("cp"), createdMs: Date.now() }, [
    { root: "/w", relative: "f", type: "file", mode: 0o644, content },
  ]);
  writeSync(1, ".");
}
