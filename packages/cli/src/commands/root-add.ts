/** Lets clients work in a directory. */

import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { directoryAt } from "../directory.ts";
import type { Shown } from "../shown.ts";
import { type RootList, shownRoots } from "./root-list.ts";

export async function run({ places, args: [dir = ""], options }: CommandContext): Promise<Shown> {
  const body = { path: directoryAt(dir), write: options.readonly !== true };
  return shownRoots(await control<RootList>({ socket: places.runnerControl, method: "POST", path: "/roots", body }));
}
