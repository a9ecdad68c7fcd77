/** The words that the owner reads in questions and messages, one table for each language. */
import { en, type TextKey, type Texts } from "./en.ts";
import { zh } from "./zh.ts";

export { fill } from "./fill.ts";
export { answerWords, type LineWords, lineWords } from "./lines.ts";
export type { TextKey, Texts };

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

export const texts = { en, zh } as const satisfies Record<Language, Texts>;

/**
 * The language of the setting, or the one that an environment asks for by the variables of POSIX; English for one that
 * Paddock does not speak.
 */
export function languageOf(
  { LC_ALL, LC_MESSAGES, LANG }: Readonly<Record<string, string | undefined>>,
  setting: Language | "auto" = "auto",
): Language {
  if (setting !== "auto") return setting;
  const wanted = LC_ALL || LC_MESSAGES || LANG || "";
  return languages.find((language) => wanted.toLowerCase().startsWith(language)) ?? "en";
}
