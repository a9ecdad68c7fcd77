/** Handlers of the file tools. Each says which paths it wants, keeps what it is about to replace, and acts through the roots. */
import { resolve } from "node:path";
import type { Wants } from "@paddock/policy";
import type { FileParts } from "./file-parts.ts";
import { copyOrMove, deleteDirectory, deleteFile } from "./files-moved.ts";
import { list, readBytes, readTextFile, tree } from "./files-read.ts";
import { writeBytes, writeText } from "./files-written.ts";
import type { Handlers } from "./handler.ts";

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
