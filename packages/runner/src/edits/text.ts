/**
 * Text files as edits see them: UTF-8, in lines that each keep their own ending. A line ends at "\n" only, as in git, so
 * "\r\n" is an ending and a lone "\r" is part of a line.
 */
import { isUtf8 } from "node:buffer";
import { PaddockError } from "@paddock/contract";

const byteOrderMark = "\uFEFF";

export interface Text {
  readonly content: string;
  /** Whether the file starts with a byte order mark, which `content` leaves out. */
  readonly marked: boolean;
}

/** Reads a file's bytes as text. Throws binary_file for a NUL byte or what is not UTF-8. */
export function decodeText(bytes: Buffer, name: string): Text {
  if (bytes.includes(0))
    throw new PaddockError("binary_file", `${name} is binary: it holds a NUL byte.`, binaryNextStep);
  if (!isUtf8(bytes)) throw new PaddockError("binary_file", `${name} is not UTF-8 text.`, binaryNextStep);
  const content = bytes.toString("utf8");
  const marked = content.startsWith(byteOrderMark);
  return { content: marked ? content.slice(1) : content, marked };
}

const binaryNextStep =
  "Only UTF-8 text can be edited. Replace the whole file with write_file_base64 if that is what you want.";

/** The text with its mark, as diffs show it. */
export const wholeText = ({ content, marked }: Text): string => (marked ? byteOrderMark + content : content);

/** A line of a patch for a marked file, whose lines are known without the mark. */
export const unmarked = (line: string): string => (line.startsWith(byteOrderMark) ? line.slice(1) : line);

/** The lines of a text with their endings; joined they give the text again. */
export function splitLines(content: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = content.indexOf("\n"); end !== -1; end = content.indexOf("\n", start)) {
    lines.push(content.slice(start, end + 1));
    start = end + 1;
  }
  if (start < content.length) lines.push(content.slice(start));
  return lines;
}

export type Ending = "\n" | "\r\n" | "";

/** How a line ends; "" only for a last line without a newline. */
export function endingOf(line: string): Ending {
  if (!line.endsWith("\n")) return "";
  return line.endsWith("\r\n") ? "\r\n" : "\n";
}

/** A line without its ending. */
export const bodyOf = (line: string): string => line.slice(0, line.length - endingOf(line).length);

/** The ending that most lines have; "\n" where there is none to go by. */
export function commonEnding(lines: readonly string[]): "\n" | "\r\n" {
  let crlf = 0;
  let lf = 0;
  for (const line of lines) {
    if (line.endsWith("\r\n")) crlf += 1;
    else if (line.endsWith("\n")) lf += 1;
  }
  return crlf > lf ? "\r\n" : "\n";
}

/** At most 160 characters of a line, without its ending. */
export function clipped(line: string): string {
  const body = bodyOf(line);
  return body.length > 160 ? `${body.slice(0, 160)}…` : body;
}

/** A line as an error message shows it. */
export const quoted = (line: string): string => JSON.stringify(clipped(line));
