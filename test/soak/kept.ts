/** A program that is started again whenever it ends, as a service manager would, until it is let go. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";

export interface Kept extends AsyncDisposable {
  /** Of the program as it runs now. */
  readonly pid: number;
  /** Ends it as a power cut would; it comes back. */
  kill(): void;
  readonly starts: number;
}

const restartMs = 500;

export function keep([program = "", ...args]: readonly string[], environment: NodeJS.ProcessEnv): Kept {
  let wanted = true;
  let starts = 0;
  let child: ChildProcess;
  const ended = (async () => {
    while (wanted) {
      child = spawn(program, args, { env: environment, stdio: ["ignore", "ignore", "inherit"] });
      starts += 1;
      await new Promise((resolve) => child.once("exit", resolve));
      if (wanted) await wait(restartMs);
    }
  })();
  return {
    get pid() {
      return child.pid ?? 0;
    },
    get starts() {
      return starts;
    },
    kill: () => child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      wanted = false;
      child.kill("SIGTERM");
      await ended;
    },
  };
}
