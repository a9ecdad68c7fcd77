/**
 * Ends what runs outside of a cage when this process dies without having done it. A small program waits at the other end of
 * an inherited socket pair; when that closes, it kills whatever carries this runner's mark in its environment.
 */
import { randomBytes } from "node:crypto";
import { spawnProgram } from "../processes/spawn.ts";

const script = `trap '' HUP INT TERM QUIT
while IFS= read -r _; do :; done
for round in 1 2 3 4 5; do
  for file in /proc/[0-9]*/environ; do
    while IFS= read -r -d '' variable; do
      if [[ $variable == "$1"* ]]; then pid=\${file#/proc/}; kill -KILL "\${pid%/environ}"; break; fi
    done <"$file"
  done
done 2>/dev/null`;

const markName = "PADDOCK_CAGE";
const runnerMark = randomBytes(12).toString("hex");
let isOpen = false;
let count = 0;

/** A variable by which what is started with it is found and ended. Starts the small program at the first call. */
export function newMark(): { name: string; value: string; assignment: string } {
  openLastResort(`${markName}=${runnerMark}-`);
  count += 1;
  const value = `${runnerMark}-${count}`;
  return { name: markName, value, assignment: `${markName}=${value}` };
}

/** `assignment` is how the mark begins, NAME=value. */
function openLastResort(assignment: string): void {
  if (isOpen) return;
  isOpen = true;
  const child = spawnProgram({
    argv: ["/bin/bash", "--norc", "--noprofile", "-c", script, "paddock-last-resort", assignment],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", () => {
    isOpen = false;
  });
  // It must not keep this process alive.
  child.unref();
  const { stdin } = child;
  if (stdin && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
}
