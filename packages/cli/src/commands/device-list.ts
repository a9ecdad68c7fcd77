/** The devices whose signature counts. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { localTime, type Shown, table } from "../shown.ts";

interface Device {
  id: string;
  name: string;
  publicKey: string;
  enrolledAt: string;
}

export async function run({ places }: CommandContext): Promise<Shown> {
  const { devices } = await control<{ devices: Device[] }>({ socket: places.runnerControl, path: "/devices" });
  const rows = devices.map(({ id, name, publicKey, enrolledAt }) => [id, name, publicKey, localTime(enrolledAt)]);
  const text = rows.length === 0 ? "No device is enrolled." : table(["ID", "NAME", "KEY", "ENROLLED"], rows);
  return { json: devices, text };
}
