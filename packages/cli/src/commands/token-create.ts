/** Makes a token for a client. It is shown here and never again. */
import { PaddockError } from "@paddock/contract";
import { type CommandContext, countOption, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { rootAt } from "../directory.ts";
import { bold, dim, printable, type Shown } from "../shown.ts";
import { standardInput } from "../standard-input.ts";
import { toolsetOf } from "../toolset-option.ts";

interface Created {
  id: string;
  token: string;
  name: string;
  toolset: string;
  scope: string;
  expiresAt: string | null;
}

export async function run({ places, options }: CommandContext): Promise<Shown> {
  const name = textOption(options, "name");
  if (name === undefined)
    throw new PaddockError("invalid_input", "A token needs a name.", "Say what it is for: --name laptop.");
  const expiresInDays = countOption(options, "days", { min: 1, max: 3650 });
  const toolset = toolsetOf(options);
  const workspaces = Array.isArray(options.workspace) ? options.workspace.map((dir) => rootAt(String(dir))) : [];
  const machines = Array.isArray(options.machine) ? options.machine.map(String) : [];
  const body = {
    name,
    machines,
    ...(toolset === undefined ? {} : { toolset }),
    workspaces,
    ...(options.metrics === true ? { scope: "metrics" } : {}),
    ...(expiresInDays === undefined ? {} : { expiresInDays }),
    ...(options.stdin === true ? { token: (await standardInput()).trim() } : {}),
  };
  const created = await control<Created>({ socket: places.hubControl, method: "POST", path: "/tokens", body });
  const until = created.expiresAt === null ? "" : `, until ${created.expiresAt.slice(0, 10)}`;
  return {
    json: created,
    text: [
      bold(created.token),
      dim(`${printable(created.name)}, ${granted(created)}${until}. It is shown only now.`),
      dim(`To end it: paddock token revoke ${created.id}`),
    ].join("\n"),
  };
}

const granted = ({ scope, toolset }: Created): string => (scope === "metrics" ? "metrics only" : `toolset ${toolset}`);
