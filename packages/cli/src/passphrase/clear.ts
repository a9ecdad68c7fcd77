/** Takes the owner's passphrase away, after asking for it. */
import type { CommandContext } from "../command.ts";
import type { Shown } from "../shown.ts";
import { changePassphrase } from "./change.ts";

export async function run({ places }: CommandContext): Promise<Shown> {
  await changePassphrase(places, null);
  return { json: { set: false }, text: "No passphrase is wanted any more." };
}
