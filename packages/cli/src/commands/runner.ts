/** Runs the runner alone. */
import { printable } from "../shown.ts";
import { continueAs } from "../supervise/part-flags.ts";

export async function run(): Promise<undefined> {
  continueAs("runner");
  const { runnerProcess } = await import("../processes/runner.ts");
  const { facts } = await runnerProcess();
  process.stdout.write(`The runner works in ${printable(String(facts.workspace))}.\n`);
}
