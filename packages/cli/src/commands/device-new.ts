/** Makes the key of a device, on the device itself. */
import { makeDeviceKey } from "../approvals/device-key.ts";
import type { CommandContext } from "../command.ts";
import type { Shown } from "../shown.ts";

export async function run({ args: [file = ""] }: CommandContext): Promise<Shown> {
  const publicKey = makeDeviceKey(file);
  const text = `Made ${file}; keep it on this device.\nOn the machine:  paddock device enrol NAME ${publicKey}`;
  return { json: { file, publicKey }, text };
}
