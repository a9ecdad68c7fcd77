/** Takes a host from the list again; connections to it end at once. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";
import { type HostList, shownHosts } from "./network-list.ts";

export async function run({ places, args: [host = ""] }: CommandContext): Promise<Shown> {
  const path = `/network?host=${encodeURIComponent(host)}`;
  return shownHosts(await control<HostList>({ socket: places.runnerControl, method: "DELETE", path }));
}
