/** awk: programs that surely run no command are recognised; any other may run one. */
import { type Expanded, isNoFile, isOperand } from "./expanded.ts";
import type { Call } from "./reading.ts";

/** False when it is another program. */
export function readAwk(name: string, { args, reading, place }: Call): boolean {
  if (!/^([gmn]?awk|original-awk)$/.test(name)) return false;
  if (!isPlain(args)) reading.doubt("The text that awk is given may run commands.", place.text);
  return true;
}

function isPlain(args: readonly Expanded[]): boolean {
  const first = firstOperand(args);
  const before = args[first]?.text ?? "-";
  if (before === "-f") return args.slice(first + 1).every((word) => isOperand(word) && !isNoFile(word));
  return !before.startsWith("-") && isPlainProgram(before);
}

/** Passes over the options that change nothing about what runs. */
function firstOperand(args: readonly Expanded[]): number {
  let at = 0;
  while (/^-[Fv]/.test(args[at]?.text ?? "")) at += args[at]?.text?.length === 2 ? 2 : 1;
  return at;
}

function isPlainProgram(program: string): boolean {
  if (/system|getline|@/.test(program)) return false;
  // Bars within regular expressions and `||` are no pipes. A slash after one of these is no division.
  const rest = program.replaceAll("||", ",").replace(/(^|[~(,;{!&]\s*)\/(?:[^/\\\n"]|\\.)*\//g, "$1");
  return !rest.includes("|");
}
