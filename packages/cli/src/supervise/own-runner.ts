/** A runner for the time of one command: a process of its own, without a hub, ended when the command ends. */
import { spawn } from "node:child_process";
import { PaddockError } from "@paddock/contract/errors";
import type { ChildMessage } from "./child.ts";
import { ownParts } from "./supervisor.ts";

export interface OwnRunner {
  end(): Promise<void>;
}

/** Its messages go to standard error; standard output belongs to the command. */
export function ownRunner(environment: NodeJS.ProcessEnv): Promise<OwnRunner> {
  const [program, ...args] = ownParts("runner");
  const child = spawn(program, [...args, "--attached-only"], { env: environment, stdio: ["ignore", 2, 2, "ipc"] });
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const end = () => {
    child.kill("SIGTERM");
    return ended;
  };
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("message", (message: ChildMessage) => {
      if (message.type === "ready") resolve({ end });
      if (message.type === "failed") reject(new PaddockError(message.code, message.message, message.nextStep));
    });
    void ended.then(() => reject(new PaddockError("not_running", "The runner ended before it was ready.")));
  });
}
