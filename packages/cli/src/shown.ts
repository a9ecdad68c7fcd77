/** What a command shows: a value for `--json`, words for people, and the exit code. */
import { type ErrorCode, errors, PaddockError } from "@paddock/contract";

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

/** Shows a failure the caller can act on; anything else is a bug and flies on. */
export function showFailure(error: unknown, asJson: boolean): void {
  if (!(error instanceof PaddockError)) throw error;
  const { code, message, nextStep } = error;
  if (asJson) process.stdout.write(`${JSON.stringify({ error: { code, message, nextStep } }, null, 2)}\n`);
  else process.stderr.write(`${paint("31", "paddock:")} ${message}\n${nextStep === "" ? "" : `  ${nextStep}\n`}`);
  process.exitCode = exitCodeOf(code);
}

export const exitCodeOf = (code: ErrorCode): number => errors[code].exit;

const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR;
/** Text in a colour of the terminal, where there is one. `code` is an SGR parameter. */
export const paint = (code: string, text: string): string => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = (text: string): string => paint("1", text);
export const dim = (text: string): string => paint("2", text);

/** Text from elsewhere, fit for a terminal: control and direction characters are made visible. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === "\n" || character === "\t" ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

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
