/** The tools of sessions; what they have in common with processes is done by the tools of processes. */
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import type { Shells } from "../shell/shells.ts";
import type { Handlers } from "./handler.ts";
import { placeOfStart, shown, startIn } from "./processes.ts";

export interface SessionToolParts {
  shells: Shells;
  checkpoints: Checkpoints;
}

export function sessionHandlers({
  shells,
  checkpoints,
}: SessionToolParts): Handlers<"start_session" | "resize_session"> {
  return {
    start_session: {
      wants: ({ command }) => ({ command, terminal: true }),
      startsIn: ({ working_directory: wanted }, place) => placeOfStart(shells, wanted, place),
      run: async ({ columns, rows, ...wanted }, call) => {
        // What will be typed is not known, and may change anything.
        await checkpoints.beforeCommand(call, wanted.command.slice(0, 80));
        const terminal = { columns, rows };
        const session = await startIn(shells, call, wanted, terminal);
        const { id, command } = session.record;
        return { summary: `${id} runs ${command.slice(0, 80)}`, data: { ...shown(session), terminal } };
      },
    },
    resize_session: {
      run: async ({ id, columns, rows }, { domain }) => {
        const terminal = { columns, rows };
        await shells.registry.find(domain, id).resize(terminal);
        return { summary: `${id} has ${columns} columns and ${rows} rows`, data: { id, terminal } };
      },
    },
  };
}
