/** Asks the system's service manager. */
import { execFile } from "node:child_process";
import { PaddockError } from "@paddock/contract/errors";
import type { Asked, Definition } from "./definition.ts";

const patienceMs = 60_000;
const maxWords = 500;

/** Throws unavailable with the manager's own words when it refuses, or is not there. */
export async function ask(asked: Asked, { manager }: Definition): Promise<void> {
  const said = await run(asked);
  if (said.done) return;
  throw new PaddockError(
    "unavailable",
    `${manager} did not do \`${asked.join(" ")}\`: ${said.words}`,
    "Where none runs for your account, as in most containers, keep `paddock up` running by other means.",
  );
}

export const succeeds = async (asked: Asked): Promise<boolean> => (await run(asked)).done;

function run([program, ...args]: Asked): Promise<{ done: boolean; words: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: patienceMs, encoding: "utf8" }, (fault, stdout, stderr) => {
      const words = stderr.trim() || stdout.trim() || (fault?.message ?? "");
      resolve({ done: fault === null, words: words.slice(0, maxWords) });
    });
  });
}
