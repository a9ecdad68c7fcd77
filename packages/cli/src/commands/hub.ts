/** Runs the hub alone. */
import { bold } from "../shown.ts";
import { continueAs } from "../supervise/part-flags.ts";

export async function run(): Promise<undefined> {
  continueAs("hub");
  const { hubProcess } = await import("../processes/hub.ts");
  const { facts } = await hubProcess();
  process.stdout.write(`The hub listens on ${bold(String(facts.address))}.\n`);
}
