/** Takes a directory away from clients. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { rootAt } from "../directory.ts";
import type { Shown } from "../shown.ts";
import { type RootList, shownRoots } from "./root-list.ts";

export async function run({ places, args: [dir = ""] }: CommandContext): Promise<Shown> {
  const path = `/roots?path=${encodeURIComponent(rootAt(dir))}`;
  return shownRoots(await control<RootList>({ socket: places.runnerControl, method: "DELETE", path }));
}
