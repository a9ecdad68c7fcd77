/** Searching the whole tree, beside ripgrep started plainly with the same flags. */
import { spawn } from "node:child_process";
import { rgPath } from "@vscode/ripgrep";
import { type Figure, inTurns } from "../figure.ts";
import { needle } from "../tree.ts";

const rounds = { rounds: 12, each: 1 };
const common = ["--no-config", "--color=never", "--no-require-git"];

export const search: Figure = {
  name: "search",
  async measure({ tree, caller }) {
    const grep = await inTurns(
      {
        base: () =>
          output(tree, ["--json", ...common, "--glob=!node_modules", "--case-sensitive", `--regexp=${needle}`, "./"]),
        ours: () => caller.call("grep", { pattern: needle }),
      },
      rounds,
    );
    const glob = await inTurns(
      {
        base: () => output(tree, ["--files", "--sortr=modified", ...common, "--glob=*.ts", "./"]),
        ours: () => caller.call("glob", { pattern: "*.ts" }),
      },
      rounds,
    );
    return [
      {
        name: "grep",
        unit: "ms",
        ours: grep.ours,
        base: { what: "rg --json", value: grep.base },
        limit: { most: 1.15 },
      },
      {
        name: "glob, newest first",
        unit: "ms",
        ours: glob.ours,
        base: { what: "rg --files --sortr modified", value: glob.base },
        limit: { most: 1.15 },
      },
    ];
  },
};

/** Resolves when the program has ended and everything it printed was read. */
function output(cwd: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(rgPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
    let bytes = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(bytes) : reject(new Error(`rg ended with ${code}`))));
  });
}
