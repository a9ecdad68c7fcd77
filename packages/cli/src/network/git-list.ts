/** The git repositories that commands may reach. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown, table } from "../shown.ts";

export interface RepositoryRows {
  repositories: { url: string; push: boolean; internal: boolean; user: string | null }[];
}

export async function run({ places }: CommandContext): Promise<Shown> {
  return shownRepositories(await control<RepositoryRows>({ socket: places.runnerControl, path: "/git" }));
}

export function shownRepositories(list: RepositoryRows): Shown {
  const rows = list.repositories.map(({ url, push, internal, user }) => [
    url,
    push ? "fetch, push asks" : "fetch",
    internal ? "also internal" : "public",
    user === null ? "no login" : `login of ${printable(user)}`,
  ]);
  return { json: list, text: table(["REPOSITORY", "MAY", "ADDRESSES", "WITH"], rows) };
}
