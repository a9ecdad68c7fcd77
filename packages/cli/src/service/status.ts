/** Whether there is a service, whether its definition fits this installation, and whether it runs. */
import type { CommandContext } from "../command.ts";
import { bold, printable, type Shown } from "../shown.ts";
import { type Found, lookFor } from "./file.ts";
import { definitionOf } from "./for-system.ts";
import { succeeds } from "./manager.ts";
import { workOf } from "./work.ts";

const fits: Readonly<Record<Found, string>> = {
  absent: "not installed: `paddock service install`",
  same: "as this installation writes it",
  other: "not as this installation would write it: `paddock service install --print` shows how",
};

export async function run(context: CommandContext): Promise<Shown> {
  const { name } = workOf(context);
  const definition = definitionOf(process.platform, workOf(context));
  const { path, manager, log } = definition;
  const found = lookFor(definition);
  const runs = found !== "absent" && (await succeeds(definition.runs));
  const lines = [
    `${bold(name)}  ${runs ? `runs, kept by ${manager}` : "does not run"}`,
    `  definition  ${printable(path)}`,
    `              ${fits[found]}`,
    ...(found === "absent" ? [] : [`  messages    ${printable(log)}`]),
  ];
  return {
    json: { name, manager, path, definition: found, runs, log },
    text: lines.join("\n"),
    exitCode: runs ? 0 : 7,
  };
}
