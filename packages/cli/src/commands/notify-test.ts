/** Sends a message to the owner over each channel, or the named one, and says which of them took it. */
import { PaddockError } from "@paddock/contract";
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";
import type { ChannelList } from "./notify-list.ts";

export async function run({ args, places }: CommandContext): Promise<Shown> {
  const socket = places.runnerControl;
  const [wanted] = args;
  const { channels } = await control<ChannelList>({ socket, path: "/channels" });
  const names = channels.map(({ name }) => name).filter((name) => wanted === undefined || name === wanted);
  if (names.length === 0) {
    const known = channels.map(({ name }) => name).join(", ");
    throw new PaddockError("invalid_input", `There is no channel ${JSON.stringify(wanted)}.`, `There are: ${known}.`);
  }
  const tried = await Promise.all(names.map(async (name) => ({ channel: name, fault: await faultOf(socket, name) })));
  const rows = tried.map(({ channel, fault }) => [channel, fault === null ? "sent: look there" : fault]);
  return {
    json: { tried },
    text: table(["CHANNEL", "RESULT"], rows),
    exitCode: tried.some(({ fault }) => fault === null) ? 0 : 1,
  };
}

async function faultOf(socket: string, name: string): Promise<string | null> {
  try {
    await control({ socket, method: "POST", path: `/channels/${encodeURIComponent(name)}/test` });
    return null;
  } catch (error) {
    if (error instanceof PaddockError && error.code === "unavailable") return error.message;
    throw error;
  }
}
