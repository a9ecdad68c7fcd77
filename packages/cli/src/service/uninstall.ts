/** Ends the service and removes its definition. */
import { rmSync } from "node:fs";
import type { CommandContext } from "../command.ts";
import { printable, type Shown } from "../shown.ts";
import { lookFor } from "./file.ts";
import { definitionOf } from "./for-system.ts";
import { ask } from "./manager.ts";
import { workOf } from "./work.ts";

export async function run(context: CommandContext): Promise<Shown> {
  const { name } = workOf(context);
  const definition = definitionOf(process.platform, workOf(context));
  const { path, stop, forget } = definition;
  if (lookFor(definition) === "absent") return { json: { name, removed: null }, text: `There is no service ${name}.` };
  for (const asked of stop) await ask(asked, definition);
  rmSync(path);
  for (const asked of forget) await ask(asked, definition);
  return { json: { name, removed: path }, text: `${name} was ended, and ${printable(path)} removed.` };
}
