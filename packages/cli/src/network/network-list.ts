/** The hosts that cages may reach without asking. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";

export interface HostList {
  mode: string;
  hosts: { host: string; internal: boolean; source: string }[];
}

export async function run({ places }: CommandContext): Promise<Shown> {
  return shownHosts(await control<HostList>({ socket: places.runnerControl, path: "/network" }));
}

const modes: Readonly<Record<string, string>> = {
  none: "Cages reach nothing (network = none).",
  allowlist: "Cages reach these hosts; any other is asked about (network = allowlist).",
  open: "Cages reach every public address, and these hosts (network = open).",
};

export function shownHosts(list: HostList): Shown {
  const rows = list.hosts.map(({ host, internal, source }) => [host, internal ? "also internal" : "public", source]);
  return { json: list, text: `${modes[list.mode] ?? list.mode}\n${table(["HOST", "ADDRESSES", "FROM"], rows)}` };
}
