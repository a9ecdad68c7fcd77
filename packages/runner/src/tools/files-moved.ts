/** Handlers that copy, move and delete. */
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import { fileError } from "../files/errno.ts";
import { type FileParts, keptFields } from "./file-parts.ts";
import type { Call, Outcome } from "./handler.ts";

export async function copyOrMove(
  { checkpoints }: FileParts,
  way: "copy" | "move",
  { source, destination, overwrite }: InputOf<"move_file">,
  call: Call,
): Promise<Outcome<OutputOf<"move_file">>> {
  const { roots, workspace } = call;
  const from = roots.locate(source, workspace);
  const to = roots.locate(destination, workspace);
  if (way === "move") roots.checkWritable(from);
  roots.checkWritable(to);
  if ((await roots.lstat(from)) === null) throw fileError("path_not_found", "Nothing is there", from.absolute);
  if (!overwrite && (await roots.lstat(to)) !== null)
    throw fileError("path_exists", "Something is there already", to.absolute);
  const kept = await checkpoints.beforeChange(
    call,
    `${call.tool} ${from.absolute} to ${to.absolute}`,
    way === "move" ? [from, to] : [to],
  );
  await (way === "move" ? roots.move(from, to, { overwrite }) : roots.copy(from, to, { overwrite }));
  return {
    summary: `${way === "move" ? "Moved" : "Copied"} ${from.absolute} to ${to.absolute}`,
    data: { source: from.absolute, destination: to.absolute, ...keptFields(kept) },
  };
}

export async function deleteFile(
  { checkpoints }: FileParts,
  { path }: InputOf<"delete_file">,
  call: Call,
): Promise<Outcome<OutputOf<"delete_file">>> {
  const { roots, workspace } = call;
  const place = roots.locate(path, workspace);
  roots.checkWritable(place);
  const state = await roots.lstat(place);
  if (state === null) throw fileError("path_not_found", "Nothing is there", place.absolute);
  if (state.type === "directory") throw fileError("not_a_file", "This is a directory", place.absolute);
  const kept = await checkpoints.beforeChange(call, `delete_file ${place.absolute}`, [place]);
  await roots.removeFile(place);
  return { summary: `Deleted ${place.absolute}`, data: { path: place.absolute, ...keptFields(kept) } };
}

export async function deleteDirectory(
  { checkpoints }: FileParts,
  { path, recursive }: InputOf<"delete_directory">,
  call: Call,
): Promise<Outcome<OutputOf<"delete_directory">>> {
  const { roots, workspace } = call;
  const place = roots.locate(path, workspace);
  roots.checkWritable(place);
  const state = await roots.lstat(place);
  if (state === null) throw fileError("path_not_found", "Nothing is there", place.absolute);
  if (state.type !== "directory") throw fileError("not_a_directory", "This is not a directory", place.absolute);
  if (!recursive && (await roots.entries(place)).length > 0)
    throw fileError("directory_not_empty", "The directory is not empty", place.absolute);
  const kept = await checkpoints.beforeChange(call, `delete_directory ${place.absolute}`, [place]);
  await roots.removeDirectory(place, { recursive });
  return { summary: `Deleted ${place.absolute}`, data: { path: place.absolute, ...keptFields(kept) } };
}
