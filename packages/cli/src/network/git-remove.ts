/** Takes a repository, and its login, away from commands. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";
import { type RepositoryRows, shownRepositories } from "./git-list.ts";

export async function run({ places, args: [url = ""] }: CommandContext): Promise<Shown> {
  const path = `/git?url=${encodeURIComponent(url)}`;
  return shownRepositories(await control<RepositoryRows>({ socket: places.runnerControl, method: "DELETE", path }));
}
