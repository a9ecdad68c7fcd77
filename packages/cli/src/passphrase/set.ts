/** Sets the owner's passphrase; where there is one already, that is asked for. */
import { PaddockError } from "@paddock/contract/errors";
import type { CommandContext } from "../command.ts";
import type { Shown } from "../shown.ts";
import { askHidden } from "./ask.ts";
import { changePassphrase } from "./change.ts";

const leastCharacters = 12;

export async function run({ places }: CommandContext): Promise<Shown> {
  const passphrase = await askHidden("New passphrase: ");
  if (passphrase.length < leastCharacters) {
    throw new PaddockError("invalid_input", `A passphrase has at least ${leastCharacters} characters.`);
  }
  if ((await askHidden("Once more: ")) !== passphrase) {
    throw new PaddockError("invalid_input", "These were two different ones.", "Run it again.");
  }
  await changePassphrase(places, passphrase);
  return {
    json: { set: true },
    text: "The passphrase is set: approving, rules, roots, devices and tokens want it from now on.",
  };
}
