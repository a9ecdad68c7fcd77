/** What a command shows: a value for `--json`, words for people, and the exit code. */
import { type ErrorCode, errors, PaddockError } from "@paddock/contract/errors";
import { printable } from "@paddock/contract/visible";
import { withPages } from "./own-command.ts";

export { printable } from "@paddock/contract/visible";

export interface Shown {
  json: unknown;
  /** Without a newline at the end; empty shows nothing. */
  text: string;
  exitCode?: number;
}

export function show({ json, text, exitCode = 0 }: Shown, asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  else if (text !== "") process.stdout.write(`${text}\n`);
  process.exitCode = exitCode;
}

/** Shows a failure. One the caller cannot act on is a fault of Paddock's own and is shown whole. */
export function showFailure(error: unknown, asJson: boolean): void {
  const known = error instanceof PaddockError;
  if (!known) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const failure = known
    ? error
    : new PaddockError("internal", "This is a fault in Paddock.", "Report what stands above.");
  const { code, message, nextStep } = failure;
  const red = isColoured(process.stderr) ? ["\x1b[31m", "\x1b[0m"] : ["", ""];
  if (asJson) process.stdout.write(`${JSON.stringify({ error: { code, message, nextStep } }, null, 2)}\n`);
  else
    process.stderr.write(
      `${red.join("paddock:")} ${printable(message)}\n${indented(withPages(nextStep, process.cwd()))}`,
    );
  process.exitCode = exitCodeOf(code);
}

const indented = (text: string): string => (text === "" ? "" : `  ${printable(text)}\n`);

export const exitCodeOf = (code: ErrorCode): number => errors[code].exit;

const isColoured = ({ isTTY }: NodeJS.WriteStream): boolean =>
  isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";

const coloured = isColoured(process.stdout);
/** Text for standard output, in a colour of the terminal, where there is one. `code` is an SGR parameter. */
export const paint = (code: string, text: string): string => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = (text: string): string => paint("1", text);
export const dim = (text: string): string => paint("2", text);

/** Rows in columns, the head in bold. Cells are made printable and kept on one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => printable(cell).replaceAll(/\s+/g, " ")));
  const widths = head.map((title, column) => Math.max(title.length, ...clean.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [bold(line(head)), ...clean.map(line)].join("\n");
}

/** A moment in the time of this machine, to the second. */
export function localTime(at: string | number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** At most so many characters, the cut marked. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}\u2026`;
