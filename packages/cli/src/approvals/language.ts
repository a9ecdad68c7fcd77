/** The language that the owner reads questions in: the one of the settings, as far as these can be read. */
import { type Language, languageOf } from "@paddock/contract/texts";
import type { CommandContext } from "../command.ts";
import { validConfig } from "../doctor/settings.ts";

export const languageFor = ({ places, environment }: Pick<CommandContext, "places" | "environment">): Language =>
  languageOf(environment, validConfig({ places, environment })?.values.language);
