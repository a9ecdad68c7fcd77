/** Runs the runner alone. */
import { runnerProcess } from "../processes/runner.ts";
import { printable } from "../shown.ts";

export async function run(): Promise<undefined> {
  const { facts } = await runnerProcess();
  process.stdout.write(`The runner works in ${printable(String(facts.workspace))}.\n`);
}
