/** Closes a file or folder to clients. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { rootAt } from "../directory.ts";
import type { Shown } from "../shown.ts";
import { type RootList, shownRoots } from "./root-list.ts";

export async function run({ places, args: [path = ""] }: CommandContext): Promise<Shown> {
  const body = { path: rootAt(path), deny: true };
  return shownRoots(await control<RootList>({ socket: places.runnerControl, method: "POST", path: "/roots", body }));
}
