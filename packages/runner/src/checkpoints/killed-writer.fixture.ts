/** For a test: a program that keeps changes without end, tells each with a byte once it is kept, and is killed in the middle. */
import { writeSync } from "node:fs";
import { newId } from "@paddock/contract";
import { openStore } from "./store.ts";

/** To be run with the folder of a store as its argument. */
export const killedWriter = import.meta.filename;

if (process.argv[1] === killedWriter) keepChanges(`${process.argv[2]}/checkpoints.sqlite3`);

function keepChanges(path: string): never {
  const store = openStore(path, () => process.exit(1));
  const change = { workspace: "/w", principal: "p", run: "r", tool: "edit_file", title: "t" };
  for (let count = 0; ; count += 1) {
    const content = Buffer.alloc(5000, `${count} `);
    const checkpoint = { ...change, id: newId("cp"), createdMs: Date.now() };
    store.add({ ...checkpoint, kind: "change", tree: null, checkpoint: "full" }, [
      { root: "/w", relative: "f", type: "file", mode: 0o644, content },
    ]);
    writeSync(1, ".");
  }
}
