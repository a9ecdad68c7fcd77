/** The beginning of a text file, as far as there is one: what instruction files and skills are read with. */
import { PaddockError } from "@paddock/contract";
import type { Located, Roots } from "../files/roots.ts";

export interface TextHead {
  text: string;
  truncated: boolean;
}

/** What the owner's rules or the file system do not let us read is simply not there for the model. */
const absent: ReadonlySet<string> = new Set([
  "path_not_found",
  "path_outside_roots",
  "not_a_file",
  "not_a_directory",
  "permission_denied",
  "denied",
  "invalid_path",
]);

export function isAbsence(error: unknown): boolean {
  return error instanceof PaddockError && absent.has(error.code);
}

/** The place of a path, or null where it leads out of the roots or may not be named. */
export function placeOf(roots: Roots, path: string, from: string): Located | null {
  try {
    return roots.locate(path, from);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

/** At most `maxBytes` of a text file, cut between characters; null when there is none, or it is binary. */
export async function textHead(roots: Roots, place: Located, maxBytes: number, offset = 0): Promise<TextHead | null> {
  let file: Awaited<ReturnType<Roots["open"]>>;
  try {
    file = await roots.open(place);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
  await using opened = file;
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await opened.read(buffer, length, buffer.length - length, offset + length);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length === buffer.length) break;
  }
  const bytes = buffer.subarray(0, Math.min(length, maxBytes));
  return bytes.includes(0) ? null : { text: wholeCharacters(bytes), truncated: length > maxBytes };
}

/** Decodes UTF-8 and leaves out a character that the end cuts in two. */
function wholeCharacters(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true });
}

/** Cuts a text to so many bytes of UTF-8, between characters. */
export function cutBytes(text: string, maxBytes: number): TextHead {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return { text, truncated: false };
  return { text: wholeCharacters(bytes.subarray(0, maxBytes)), truncated: true };
}
