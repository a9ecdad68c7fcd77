/** Lets clients work in a directory. */
import { resolve } from "node:path";
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";
import { type RootList, shownRoots } from "./root-list.ts";

export async function run({ places, args: [dir = ""], options }: CommandContext): Promise<Shown> {
  const body = { path: resolve(dir), write: options.readonly !== true };
  return shownRoots(await control<RootList>({ socket: places.runnerControl, method: "POST", path: "/roots", body }));
}
