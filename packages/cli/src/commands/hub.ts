/** Runs the hub alone. */
import { hubProcess } from "../processes/hub.ts";
import { bold } from "../shown.ts";

export async function run(): Promise<undefined> {
  const { facts } = await hubProcess();
  process.stdout.write(`The hub listens on ${bold(String(facts.address))}.\n`);
}
