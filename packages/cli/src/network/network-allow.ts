/** Lets cages reach a host without asking. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";
import { type HostList, shownHosts } from "./network-list.ts";

export async function run({ places, args: [host = ""], options }: CommandContext): Promise<Shown> {
  const body = { host, internal: options.internal === true };
  return shownHosts(await control<HostList>({ socket: places.runnerControl, method: "POST", path: "/network", body }));
}
