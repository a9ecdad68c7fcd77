/** The latest runs. */
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";

interface Run {
  id: string;
  tool: string;
  principal: string;
  state: string;
  createdAt: string;
}

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const limit = Number(textOption(options, "limit") ?? 20) || 20;
  const { runs } = await control<{ runs: Run[] }>({ socket: places.hubControl, path: `/runs?limit=${limit}` });
  const rows = runs.map(({ id, tool, principal, state, createdAt }) => [
    id,
    tool,
    principal.slice(0, 16),
    state,
    createdAt.slice(0, 19),
  ]);
  return {
    json: runs,
    text: runs.length === 0 ? "There are no runs." : table(["ID", "TOOL", "WHO", "STATE", "BEGUN"], rows),
  };
}
