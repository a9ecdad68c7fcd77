/** The `--toolset` of several commands. Apart from the other options, because its names come with all schemas of the contract. */
import { PaddockError, type ToolsetName, toolsetName } from "@paddock/contract";
import { type CommandContext, textOption } from "./command.ts";

/** The toolset of an option, or undefined. */
export function toolsetOf(options: CommandContext["options"]): ToolsetName | undefined {
  const text = textOption(options, "toolset");
  if (text === undefined) return undefined;
  const known = toolsetName.safeParse(text);
  if (known.success) return known.data;
  throw new PaddockError(
    "invalid_input",
    `There is no toolset ${JSON.stringify(text)}.`,
    `Say ${toolsetName.options.join(", ")}.`,
  );
}
