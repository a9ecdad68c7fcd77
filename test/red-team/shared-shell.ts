/** How many servers keep a shell: one bash for everybody, whose output is read up to a line that ends a command. */
import { spawn } from "node:child_process";
import type { Scene } from "./scene.ts";

const end = "end-of-command";
const longestMs = 300;

export interface SharedShell extends Disposable {
  run(script: string): Promise<string>;
}

export function openSharedShell({ here, owner, services }: Scene): SharedShell {
  const bash = spawn("bash", ["--norc"], {
    cwd: here,
    env: { ...services.environment, HOME: owner },
    detached: true,
  });
  let output = "";
  for (const stream of [bash.stdout, bash.stderr]) {
    stream.setEncoding("latin1").on("data", (text) => {
      output += text;
    });
  }
  bash.stdin.on("error", () => undefined);
  const run = async (script: string): Promise<string> => {
    bash.stdin.write(`${script}\necho ${end} $?\n`);
    const until = Date.now() + longestMs;
    while (!output.includes(`${end} `) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    const [said = ""] = output.split(`${end} `, 1);
    const rest = output.slice(said.length);
    output = rest.slice(rest.indexOf("\n") + 1);
    return said;
  };
  return {
    run,
    [Symbol.dispose]() {
      // With all that it has left in the background.
      try {
        if (bash.pid !== undefined) process.kill(-bash.pid, "SIGKILL");
      } catch {
        // Nothing of it is left.
      }
    },
  };
}
