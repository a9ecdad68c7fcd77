/** Commands in the warm shell: what a call costs by itself, and with a snapshot of the tree. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, inTurns } from "../figure.ts";
import { besideEcho } from "./calls.ts";

export const builtin: Figure = {
  name: "builtin",
  async measure({ echo, caller }) {
    const { base, ours } = await inTurns(
      {
        base: () => echo.post("/echo", JSON.stringify({ command: "true" })),
        ours: () => caller.send("run_command", { command: "true" }),
      },
      { rounds: 20, each: 30 },
    );
    return [besideEcho("run_command true, warm shell", ours, base, 10)];
  },
};

export const snapshot: Figure = {
  name: "snapshot",
  async measure({ tree, caller }) {
    const { base, ours } = await inTurns(
      {
        base: (number) => {
          writeFileSync(join(tree, "written.txt"), `${number}\n`);
          return gitAdd(tree);
        },
        ours: async (number) => {
          const { checkpoint } = await caller.call("run_command", { command: `echo ${number} > written.txt` });
          if (checkpoint !== "full") throw new Error(`the snapshot was ${checkpoint}`);
        },
      },
      { rounds: 12, each: 1 },
    );
    return [
      {
        name: "command that writes a file, with its snapshot",
        unit: "ms",
        ours,
        base: { what: "git add -A", value: base },
        limit: { most: 1.5 },
      },
    ];
  },
};

function gitAdd(cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["add", "-A"], { cwd, stdio: ["ignore", "ignore", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`git add ended with ${code}`))));
  });
}
