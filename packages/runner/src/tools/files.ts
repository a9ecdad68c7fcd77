/** Handlers of the file tools. Each says which paths it wants, keeps what it is about to replace, and acts through the roots. */
import { resolve } from "node:path";
import type { Wants } from "@paddock/policy";
import { readPart } from "../files/large-text.ts";
import { directoryTree, listDirectory } from "../files/listing.ts";
import { readText } from "../files/read-text.ts";
import { numbered } from "../files/text-slice.ts";
import type { FileParts } from "./file-parts.ts";
import { copyOrMove, deleteDirectory, deleteFile } from "./files-moved.ts";
import { writeBytes, writeText } from "./files-written.ts";
import type { Call, Handlers } from "./handler.ts";

type FileTool =
  | "read_text_file"
  | "read_file_base64"
  | "write_file"
  | "write_file_base64"
  | "list_directory"
  | "directory_tree"
  | "create_directory"
  | "copy_file"
  | "move_file"
  | "delete_file"
  | "delete_directory"
  | "list_allowed_directories";

const mostTreeEntries = 5000;

const reads = ({ path }: { path: string }, { workspace }: { workspace: string }): Wants => ({
  paths: [{ path: resolve(workspace, path), access: "read" }],
});
const writes = ({ path }: { path: string }, { workspace }: { workspace: string }): Wants => ({
  paths: [{ path: resolve(workspace, path), access: "write" }],
});
const between =
  (sourceAccess: "read" | "write") =>
  (input: { source: string; destination: string }, { workspace }: { workspace: string }): Wants => ({
    paths: [
      { path: resolve(workspace, input.source), access: sourceAccess },
      { path: resolve(workspace, input.destination), access: "write" },
    ],
  });

export function fileHandlers(parts: FileParts): Handlers<FileTool> {
  return {
    read_text_file: { wants: reads, run: (input, call) => readTextFile(input, call) },
    read_file_base64: { wants: reads, run: (input, call) => readBytes(input, call) },
    write_file: { wants: writes, run: (input, call) => writeText(parts, input, call) },
    write_file_base64: { wants: writes, run: (input, call) => writeBytes(parts, input, call) },
    list_directory: { wants: reads, run: (input, call) => list(input, call) },
    directory_tree: { wants: reads, run: (input, call) => tree(input, call) },
    create_directory: {
      wants: writes,
      async run({ path }, { roots, workspace }) {
        const place = roots.locate(path, workspace);
        const created = (await roots.stat(place)) === null;
        await roots.makeDirectory(place);
        return {
          summary: `${created ? "Created" : "Already there:"} ${place.absolute}`,
          data: { path: place.absolute, created },
        };
      },
    },
    copy_file: { wants: between("read"), run: (input, call) => copyOrMove(parts, "copy", input, call) },
    move_file: { wants: between("write"), run: (input, call) => copyOrMove(parts, "move", input, call) },
    delete_file: { wants: writes, run: (input, call) => deleteFile(parts, input, call) },
    delete_directory: { wants: writes, run: (input, call) => deleteDirectory(parts, input, call) },
    list_allowed_directories: {
      async run(_, { roots, workspace, profile }) {
        const count = roots.list.length;
        return {
          summary: `${count} ${count === 1 ? "root" : "roots"}, profile ${profile}`,
          data: { profile, workspace, roots: [...roots.list] },
        };
      },
    },
  };
}

const readTextFile: Handlers<"read_text_file">["read_text_file"]["run"] = async (
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
  const { content, size, lines, truncated, nextOffset, revision } = read;
  const isRange = selection.offset !== undefined || selection.limit !== undefined;
  return {
    summary: `${place.absolute}: ${lines === null ? `${size} bytes` : `${lines} lines`}${truncated ? whereMoreIs(nextOffset) : ""}`,
    data: {
      path: place.absolute,
      content: isRange ? numbered(content, selection.offset ?? 1) : content,
      size,
      ...(lines === null ? {} : { lines }),
      truncated,
      next_offset: nextOffset,
      revision,
    },
  };
};

const whereMoreIs = (nextOffset: number | null): string =>
  nextOffset === null ? "; the rest takes read_file_base64" : `; goes on at line ${nextOffset}`;

const readBytes = async (
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

const list: Handlers<"list_directory">["list_directory"]["run"] = async (
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

const tree: Handlers<"directory_tree">["directory_tree"]["run"] = async (input, { roots, workspace, signal }) => {
  const place = roots.locate(input.path, workspace);
  const found = await directoryTree(roots, place, {
    maxDepth: input.max_depth,
    maxEntries: mostTreeEntries,
    includeHidden: input.include_hidden,
    ignore: input.ignore,
    signal,
  });
  return {
    summary: `${place.absolute}: ${found.count} entries${found.truncated ? ", and there are more" : ""}`,
    data: { path: place.absolute, max_depth: input.max_depth, ...found },
  };
};
