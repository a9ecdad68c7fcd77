/** Reads a text file, or a part of it by lines, or an image. */
import { PaddockError } from "@paddock/contract";
import type { InputOf } from "@paddock/contract/tools";
import { fileError } from "./errno.ts";
import { imageType } from "./image-type.ts";
import { findLine, readPart } from "./large-text.ts";
import { revisionAside, revisionOf } from "./revision.ts";
import type { Located, Roots } from "./roots.ts";
import { beyondEnd, lastLines, lineStart, type Slice, takeLines, textBytes } from "./text-slice.ts";

const mebibyte = 1024 * 1024;
/** Most text in one answer. */
const answerBytes = mebibyte;
/** Larger files are read in pieces and have no revision. */
const heldBytes = 8 * mebibyte;
/** From here on the revision comes later than the text. */
const largeBytes = 64 * 1024;
const mostImageBytes = 4 * mebibyte;
const longestCharacter = 4;

export type Selection = Pick<InputOf<"read_text_file">, "offset" | "limit" | "head" | "tail">;

export interface TextRead {
  /** The lines as they are in the file: valid UTF-8. */
  bytes: Buffer;
  size: number;
  lines: number | null;
  truncated: boolean;
  nextOffset: number | null;
  /** Null for what is too large to have one. */
  revision: string | null | Promise<string>;
}

export interface ImageRead {
  image: Buffer;
  mimeType: string;
  revision: string;
}

export async function readText(
  roots: Roots,
  place: Located,
  selection: Selection,
  signal: AbortSignal,
  maxBytes = answerBytes,
): Promise<TextRead | ImageRead> {
  refuseMixed(selection);
  const bytes = await heldContent(roots, place);
  if (bytes === null) return readLarge(roots, place, selection, signal, maxBytes);
  const mimeType = imageType(bytes);
  if (mimeType !== null) return image(bytes, mimeType, revisionOf(bytes), place);
  if (bytes.length <= maxBytes && isPlain(selection)) {
    return {
      bytes: textBytes(bytes, place.absolute),
      size: bytes.length,
      lines: null,
      truncated: false,
      nextOffset: null,
      revision: bytes.length > largeBytes ? revisionAside(bytes) : revisionOf(bytes),
    };
  }
  const slice = select(bytes, selection, maxBytes);
  return {
    ...shown(bytes, slice, selection, bytes.length - slice.end, place),
    size: bytes.length,
    revision: revisionOf(bytes),
  };
}

const isPlain = ({ offset, limit, head, tail }: Selection): boolean =>
  offset === undefined && limit === undefined && head === undefined && tail === undefined;

function refuseMixed({ offset, limit, head, tail }: Selection): void {
  const ways = [offset ?? limit, head, tail].filter((way) => way !== undefined);
  if (ways.length > 1)
    throw new PaddockError("invalid_input", "Give offset and limit, or head, or tail: one of the three.");
}

/** The content, or null when the file is too large to be held. */
async function heldContent(roots: Roots, place: Located): Promise<Buffer | null> {
  try {
    return await roots.read(place, heldBytes);
  } catch (error) {
    if (error instanceof PaddockError && error.code === "file_too_large") return null;
    throw error;
  }
}

function image(bytes: Buffer, mimeType: string, revision: string, place: Located): ImageRead {
  if (bytes.length > mostImageBytes)
    throw fileError("file_too_large", "The image is larger than 4 MiB", place.absolute);
  return { image: bytes, mimeType, revision };
}

function select(bytes: Buffer, { offset = 1, limit, head, tail }: Selection, maxBytes: number): Slice {
  if (tail !== undefined) return lastLines(bytes, tail, maxBytes);
  const from = lineStart(bytes, offset - 1);
  if ("counted" in from) throw beyondEnd(offset, from.counted + (bytes.at(-1) === 10 || bytes.length === 0 ? 0 : 1));
  if (from.start === bytes.length && offset > 1) throw beyondEnd(offset, offset - 1);
  return takeLines(bytes, from.start, limit ?? head ?? Number.POSITIVE_INFINITY, maxBytes);
}

/** What the slice says; `remaining` bytes of the file follow it. */
function shown(
  bytes: Buffer,
  slice: Slice,
  { offset = 1, tail }: Selection,
  remaining: number,
  place: Located,
): Pick<TextRead, "bytes" | "lines" | "truncated" | "nextOffset"> {
  const goesOn = remaining > 0;
  const isCutLine = goesOn && slice.lines === 0;
  return {
    bytes: textBytes(bytes.subarray(slice.start, slice.end), place.absolute),
    lines: slice.lines,
    truncated: goesOn || (tail !== undefined && slice.lines < tail && slice.start > 0),
    nextOffset: goesOn && !isCutLine ? offset + slice.lines : null,
  };
}

async function readLarge(
  roots: Roots,
  place: Located,
  selection: Selection,
  signal: AbortSignal,
  maxBytes: number,
): Promise<TextRead> {
  await using file = await roots.open(place);
  const { size } = await file.stat();
  const { tail, offset = 1, limit, head } = selection;
  const length = maxBytes + longestCharacter;
  const position = tail === undefined ? await findLine(file, offset, signal) : Math.max(0, size - length);
  const part = await readPart(file, position, length);
  const slice =
    tail === undefined
      ? takeLines(part, 0, limit ?? head ?? Number.POSITIVE_INFINITY, maxBytes)
      : lastLines(part, tail, maxBytes);
  return { ...shown(part, slice, selection, size - position - slice.end, place), size, revision: null };
}
