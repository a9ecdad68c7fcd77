/** The directories clients may work in. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";

export interface RootList {
  standard: string;
  roots: { path: string; write: boolean }[];
  denied: string[];
}

export async function run({ places }: CommandContext): Promise<Shown> {
  return shownRoots(await control<RootList>({ socket: places.runnerControl, path: "/roots" }));
}

export function shownRoots(list: RootList): Shown {
  const rows = list.roots.map(({ path, write }) => [
    path,
    write ? "read and write" : "read",
    path === list.standard ? "default" : "",
  ]);
  const denied = list.denied.map((path) => [path, "none", "closed by you"]);
  return { json: list, text: table(["DIRECTORY", "ACCESS", ""], [...rows, ...denied]) };
}
