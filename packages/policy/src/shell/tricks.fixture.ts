/** Lines that start a program by other ways than naming it in command position. `P` stands for a program. */
import { readFileSync } from "node:fs";

/** The entries of a file of lines: a blank line ends one, and `##` begins a comment. */
export function readLines(name: string): string[] {
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  const kept = text.split("\n").filter((line) => !line.startsWith("##"));
  return kept
    .join("\n")
    .split(/\n{2,}/)
    .map((entry) => entry.replace(/^\n+|\n+$/g, ""))
    .filter((entry) => entry !== "");
}

/** With characters that no editor shows. */
const odd = [
  "P\rpb; P",
  "\u200bP; P\u00a0x; \u0420",
  "P\u0085pb; P\u2028pb",
  "P\tx;\tpb\t",
  "P\vpb; P\fx",
  "P \\\r\n; pb",
];

export const tricks: readonly string[] = [...readLines("./tricks.txt"), ...odd];
