/** The ways in which Paddock reaches its owner, and whether each works. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";

export interface ChannelList {
  channels: { name: string; unavailable: string | null }[];
}

export async function run({ places }: CommandContext): Promise<Shown> {
  const list = await control<ChannelList>({ socket: places.runnerControl, path: "/channels" });
  const rows = list.channels.map(({ name, unavailable }) => [name, unavailable === null ? "works" : unavailable]);
  return { json: list, text: table(["CHANNEL", "STATE"], rows) };
}
