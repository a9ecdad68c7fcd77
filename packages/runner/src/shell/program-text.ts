/** A program and its arguments as the one text that the policy reads, the owner is shown and bash carries out. */
import { quote } from "../processes/quote.ts";

/** `exec` takes a file and neither a function, an alias nor a builtin of that name; in quotes nothing is expanded. */
export const programText = (program: string, args: readonly string[]): string => `exec -- ${wordsText(program, args)}`;

export const wordsText = (program: string, args: readonly string[]): string => [program, ...args].map(word).join(" ");

/** Words that mean the same without quotes are shown without. */
const word = (text: string): string => (/^[\w./:@%+,-]+$/.test(text) ? text : quote(text));
