/** The answers that hold for some minutes. */
import type { CommandContext } from "../command.ts";
import { callerNames } from "../control/caller-names.ts";
import { control } from "../control/request.ts";
import { localTime, type Shown, table } from "../shown.ts";

interface Grant {
  id: string;
  principal: string;
  workspace: string;
  covers: { tool: string } | { server: string };
  until: number;
}

export async function run({ places }: CommandContext): Promise<Shown> {
  const { grants } = await control<{ grants: Grant[] }>({ socket: places.runnerControl, path: "/grants" });
  const nameOf = await callerNames(places);
  const rows = grants.map(({ id, principal, covers, workspace, until }) => [
    id,
    nameOf(principal),
    "server" in covers ? `every tool of ${covers.server}` : `the same call of ${covers.tool}`,
    workspace,
    localTime(until),
  ]);
  const text = rows.length === 0 ? "Nothing is granted." : table(["ID", "CALLER", "WHAT", "WORKSPACE", "UNTIL"], rows);
  return { json: grants, text };
}
