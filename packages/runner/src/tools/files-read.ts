/** Handlers that read files and list directories. */
import type { OutputOf } from "@paddock/contract/tools";
import { readPart } from "../files/large-text.ts";
import { directoryTree, listDirectory } from "../files/listing.ts";
import { readText, type Selection, type TextRead } from "../files/read-text.ts";
import { numbered } from "../files/text-slice.ts";
import type { Call, Handlers, Outcome } from "./handler.ts";
import { jsonText } from "./json-text.ts";

const mostTreeEntries = 5000;

export const readTextFile: Handlers<"read_text_file">["read_text_file"]["run"] = async (
  { path, ...selection },
  { roots, workspace, signal },
) => {
  const place = roots.locate(path, workspace);
  const read = await readText(roots, place, selection, signal);
  if ("image" in read) {
    const { image, mimeType, revision } = read;
    return {
      summary: `${place.absolute}: ${mimeType}, ${image.length} bytes`,
      data: {
        path: place.absolute,
        content: "",
        size: image.length,
        truncated: false,
        next_offset: null,
        revision,
        mime_type: mimeType,
      },
      content: [{ type: "image", data: image.toString("base64"), mimeType }],
    };
  }
  return textOutcome(place.absolute, selection, read);
};

/** From here on text is passed on as bytes. */
const largeBytes = 64 * 1024;

async function textOutcome(
  path: string,
  selection: Selection,
  read: TextRead,
): Promise<Outcome<OutputOf<"read_text_file">>> {
  const { bytes, size, lines, truncated, nextOffset, revision } = read;
  const isRange = selection.offset !== undefined || selection.limit !== undefined;
  const isLarge = bytes.length > largeBytes && !isRange;
  const text = isLarge ? "" : bytes.toString();
  const json = isLarge ? jsonText(bytes) : null;
  const amount = lines === null ? `${size} bytes` : `${lines} ${lines === 1 ? "line" : "lines"}`;
  return {
    summary: `${path}: ${amount}${truncated ? whereMoreIs(nextOffset) : ""}`,
    data: {
      path,
      content: isRange ? numbered(text, selection.offset ?? 1) : text,
      size,
      ...(lines === null ? {} : { lines }),
      truncated,
      next_offset: nextOffset,
      revision: await revision,
    },
    ...(json ? { text: { field: "content", json } } : {}),
  };
}

const whereMoreIs = (nextOffset: number | null): string =>
  nextOffset === null ? "; the rest takes read_file_base64" : `; goes on at line ${nextOffset}`;

export const readBytes = async (
  { path, offset, length }: { path: string; offset: number; length: number },
  { roots, workspace }: Call,
) => {
  const place = roots.locate(path, workspace);
  await using file = await roots.open(place);
  const { size } = await file.stat();
  const bytes = await readPart(file, offset, Math.min(length, Math.max(0, size - offset)));
  const end = offset + bytes.length;
  const done = end >= size;
  return {
    summary: `${place.absolute}: ${bytes.length} of ${size} bytes`,
    data: {
      path: place.absolute,
      size,
      offset,
      bytes_read: bytes.length,
      next_offset: done ? null : end,
      done,
      encoding: "base64" as const,
      content: bytes.toString("base64"),
    },
  };
};

export const list: Handlers<"list_directory">["list_directory"]["run"] = async (
  { path, ignore, offset, limit },
  { roots, workspace },
) => {
  const place = roots.locate(path, workspace);
  const all = await listDirectory(roots, place, ignore);
  const entries = all.slice(offset, offset + limit).map(({ name, state }) => ({
    name,
    type: state.type,
    ...(state.type === "file" ? { size: state.size } : {}),
    modified_at: new Date(state.modifiedMs).toISOString(),
  }));
  const end = offset + entries.length;
  const truncated = end < all.length;
  return {
    summary: `${place.absolute}: ${all.length} ${all.length === 1 ? "entry" : "entries"}${truncated ? `; goes on at offset ${end}` : ""}`,
    data: { path: place.absolute, entries, count: all.length, truncated, next_offset: truncated ? end : null },
  };
};

export const tree: Handlers<"directory_tree">["directory_tree"]["run"] = async (
  input,
  { roots, workspace, signal },
) => {
  const place = roots.locate(input.path, workspace);
  const found = await directoryTree(roots, place, {
    maxDepth: input.max_depth,
    maxEntries: mostTreeEntries,
    includeHidden: input.include_hidden,
    ignore: input.ignore,
    signal,
  });
  return {
    summary: `${place.absolute}: ${found.count} ${found.count === 1 ? "entry" : "entries"}${found.truncated ? ", and there are more" : ""}`,
    data: { path: place.absolute, max_depth: input.max_depth, ...found },
  };
};
