/** File tools are given paths to write, move and delete that lead out of the roots. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mechanism } from "../mechanism.ts";
import { lexical, links, pathRow as row } from "../path-row.ts";

const changes = { harm: "file changed" } as const;

export const pathsWritten: readonly Mechanism[] = [
  row({
    ...changes,
    id: "write-absolute",
    tries: "write to an absolute path",
    tool: "write_file",
    input: ({ guarded }) => ({ path: guarded, content: "changed" }),
  }),
  row({
    ...changes,
    id: "write-prefix",
    tries: "write to a folder whose name begins like the workspace's",
    weakness: "prefix",
    tool: "write_file",
    input: ({ sibling }) => ({ path: `${sibling}/new`, content: "x" }),
  }),
  row({
    ...changes,
    ...lexical,
    id: "write-below-link",
    tries: "write below a link",
    tool: "write_file",
    input: ({ here }) => ({ path: `${here}/folder/guarded.txt`, content: "changed" }),
  }),
  row({
    ...changes,
    ...lexical,
    id: "missing-leaf",
    tries: "create a file, and the folders above it, below a link",
    tool: "write_file",
    input: ({ here }) => ({ path: `${here}/folder/new/deep/file`, content: "x" }),
  }),
  row({
    ...changes,
    id: "dangling-link",
    tries: "create the file that a dangling link names",
    weakness: "lexical",
    given: ({ here, outside }) => symlinkSync(`${outside}/new.txt`, join(here, "dangling")),
    tool: "write_file",
    input: ({ here }) => ({ path: `${here}/dangling`, content: "x" }),
  }),
  row({
    ...changes,
    ...lexical,
    id: "edit-link",
    tries: "edit what a link leads to",
    given: ({ here, guarded }) => symlinkSync(guarded, join(here, "guarded")),
    tool: "edit_file",
    input: ({ here }) => ({ path: `${here}/guarded`, old_text: "as it was", new_text: "changed" }),
  }),
  row({
    ...changes,
    id: "patch-add",
    tries: "add a file outside by a patch",
    tool: "apply_patch",
    input: ({ outside }) => ({ patch: `*** Begin Patch\n*** Add File: ${outside}/new.txt\n+x\n*** End Patch` }),
  }),
  row({
    ...changes,
    id: "patch-upwards",
    tries: "change a file upwards by a patch",
    tool: "apply_patch",
    input: ({ here }) => ({
      path: here,
      patch: "*** Begin Patch\n*** Update File: ../../outside/guarded.txt\n@@\n-as it was\n+changed\n*** End Patch",
    }),
  }),
  row({
    ...changes,
    id: "patch-move",
    tries: "move a file out by a patch",
    given: ({ here }) => writeFileSync(join(here, "mine"), "mine\n"),
    tool: "apply_patch",
    input: ({ here, guarded }) => ({
      patch: `*** Begin Patch\n*** Update File: ${here}/mine\n*** Move to: ${guarded}\n@@\n-mine\n+changed\n*** End Patch`,
    }),
  }),
  row({
    ...changes,
    ...lexical,
    id: "patch-delete",
    tries: "delete a file below a link by a patch",
    tool: "apply_patch",
    input: ({ here }) => ({ patch: `*** Begin Patch\n*** Delete File: ${here}/folder/guarded.txt\n*** End Patch` }),
  }),
  row({
    ...changes,
    id: "move-out",
    tries: "move a file of the workspace over one outside",
    given: ({ here }) => writeFileSync(join(here, "mine"), "mine\n"),
    tool: "move_file",
    input: ({ here, guarded }) => ({ source: `${here}/mine`, destination: guarded, overwrite: true }),
  }),
  row({
    ...changes,
    ...lexical,
    id: "copy-out",
    tries: "copy a file through a link",
    given: (scene) => {
      links(scene);
      writeFileSync(join(scene.here, "mine"), "mine\n");
    },
    tool: "copy_file",
    input: ({ here }) => ({ source: `${here}/mine`, destination: `${here}/folder/new.txt` }),
  }),
  row({
    ...changes,
    ...lexical,
    id: "delete-below-link",
    tries: "delete a file below a link",
    tool: "delete_file",
    input: ({ here }) => ({ path: `${here}/folder/guarded.txt` }),
  }),
  row({
    ...changes,
    id: "delete-folder",
    tries: "delete a folder outside with all that is in it",
    tool: "delete_directory",
    input: ({ other }) => ({ path: other, recursive: true }),
  }),
  row({
    ...changes,
    ...lexical,
    id: "create-folder",
    tries: "create a folder below a link",
    tool: "create_directory",
    input: ({ here }) => ({ path: `${here}/folder/new` }),
  }),
  {
    id: "paths/restore-through-link",
    tries: "have undo write where a link has taken a folder's place",
    defence: "that every path is resolved beneath a root, part by part",
    harm: "file changed",
    weakness: "lexical",
    async attack({ call }, { here, outside }) {
      const [folder, path] = [join(here, "kept"), join(here, "kept", "guarded.txt")];
      mkdirSync(folder);
      writeFileSync(path, "to be restored");
      const { data } = await call("write_file", { path, content: "changed" });
      rmSync(folder, { recursive: true });
      symlinkSync(outside, folder);
      await call("rewind", { action: "restore", checkpoint_id: data.checkpoint_id ?? path });
    },
  },
];
