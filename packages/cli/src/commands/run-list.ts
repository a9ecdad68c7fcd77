/** The latest runs. */
import { type CommandContext, countOption } from "../command.ts";
import { callerNames } from "../control/caller-names.ts";
import { control } from "../control/request.ts";
import { localTime, type Shown, table } from "../shown.ts";

interface Run {
  id: string;
  tool: string;
  principal: string;
  surface: string;
  state: string;
  createdAt: string;
}

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const limit = countOption(options, "limit", { min: 1, max: 1000 }) ?? 20;
  const [{ runs }, nameOf] = await Promise.all([
    control<{ runs: Run[] }>({ socket: places.hubControl, path: `/runs?limit=${limit}` }),
    callerNames(places),
  ]);
  const rows = runs.map(({ id, tool, principal, surface, state, createdAt }) => [
    ...[id, tool, nameOf(principal)],
    ...[surface, state, localTime(createdAt)],
  ]);
  return {
    json: runs,
    text: runs.length === 0 ? "There are no runs." : table(["ID", "TOOL", "WHO", "OVER", "STATE", "BEGUN"], rows),
  };
}
