/**
 * What is written to the persistent bash, as text. Nothing here relies on names that a command may redefine where bash
 * offers a way round: `\\builtin` passes aliases and functions by, no variable is used, and every value is quoted.
 */
import { quote } from "../processes/quote.ts";

export interface Pipes {
  out: string;
  err: string;
}

/**
 * One command. It is read as a single word, so that no quote or here-document of it reaches the next line; its standard
 * streams are given back afterwards, whatever it did to them.
 */
export function commandText(command: string, { out, err }: Pipes, number: number): string {
  return `\\eval ${quote(command)} </dev/null >${out} 2>${err}\n${doneText(number)}`;
}

/** Says the exit code, the pid of the last background job, and the directory. */
function doneText(number: number): string {
  return `\\builtin printf '\\0done ${number} %s %s %s\\0' "$?" "\${!-}" "\${PWD-}"\n`;
}

/** Changes the directory; the exit code tells whether it could. */
export function directoryText(directory: string, number: number): string {
  return `\\builtin cd -- ${quote(directory)} >/dev/null 2>&1\n${doneText(number)}`;
}

/** Goes back to a directory without a word. */
export function returnText(directory: string): string {
  return `\\builtin cd -- ${quote(directory)} >/dev/null 2>&1\n`;
}

/** Says everything that a new bash needs to go on in place of this one. */
const state = [
  `\\builtin printf '\\0state %s\\n' "\${PWD-}"`,
  "\\builtin declare -px",
  "\\builtin declare -f",
  "\\builtin alias -p",
  "\\builtin shopt -p",
  "\\builtin umask -p",
  `\\builtin printf '\\0'`,
].join("; ");

export const stateText = `{ ${state}; } 2>/dev/null\n`;

/** The first lines of a new bash: its state is said at its end too, and that of a former one is taken up. */
export function beginText(ownOutput: string, former: { file: string | null; directory: string }): string {
  return [
    `\\builtin trap ${quote(`{ ${state}; } >${ownOutput} 2>/dev/null`)} EXIT`,
    "\\builtin shopt -s expand_aliases",
    ...(former.file === null ? [] : [`\\builtin . ${former.file} >/dev/null 2>&1`]),
    returnText(former.directory),
  ].join("\n");
}
