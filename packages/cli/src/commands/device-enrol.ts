/** Lets a device answer questions on the owner's behalf; done on the machine itself. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

export async function run({ places, args: [name = "", publicKey = ""] }: CommandContext): Promise<Shown> {
  const device = await control<{ id: string; name: string }>({
    socket: places.runnerControl,
    method: "POST",
    path: "/devices",
    body: { name, publicKey },
  });
  return {
    json: device,
    text: `Enrolled ${printable(device.name)} as ${device.id}: what it signs counts from now on.`,
  };
}
