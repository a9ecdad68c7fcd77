/** Handlers that write whole files. */
import { isUtf8 } from "node:buffer";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import { unifiedDiff } from "../edits/diff.ts";
import { fileError } from "../files/errno.ts";
import { replacedBy } from "../files/replaced.ts";
import { revisionOf } from "../files/revision.ts";
import type { Located, Roots } from "../files/roots.ts";
import { revisionNow, shownPath } from "./edit-answer.ts";
import { type FileParts, keptFields } from "./file-parts.ts";
import type { Call, Outcome } from "./handler.ts";

/** Larger texts are replaced without a diff. */
const mostDiffedBytes = 256 * 1024;
const mostDiffBytes = 20_000;

export async function writeText(
  { checkpoints, afterEdit }: FileParts,
  { path, content, expected_revision: expected }: InputOf<"write_file">,
  call: Call,
): Promise<Outcome<OutputOf<"write_file">>> {
  const { roots } = call;
  const place = await written(call, path);
  const before = await previous(roots, place);
  const bytes = Buffer.from(content);
  const kept = await checkpoints.beforeChange(call, `write_file ${place.absolute}`, [place]);
  await roots.write(place, bytes, expected === undefined ? {} : { expected });
  const hooks = await afterEdit(call, [place.absolute]);
  const created = before === null;
  return {
    summary: `${created ? "Created" : "Replaced"} ${place.absolute}, ${bytes.length} bytes`,
    data: {
      path: place.absolute,
      bytes: bytes.length,
      created,
      revision: hooks.length > 0 ? await revisionNow(place, call) : revisionOf(bytes),
      ...keptFields(kept),
      ...(typeof before === "string" && bytes.length <= mostDiffedBytes
        ? diffFields(before, content, shownPath(place, call))
        : {}),
      ...(hooks.length > 0 ? { post_edit_hooks: [...hooks] } : {}),
    },
  };
}

/** What a write to the path will replace: where the path is a link, what it points at. */
export async function written({ roots, workspace }: Call, path: string): Promise<Located> {
  const named = roots.locate(path, workspace);
  roots.checkWritable(named);
  const target = await replacedBy(roots, named);
  if (target !== named) roots.checkWritable(target);
  return target;
}

/** The text that is there; null for nothing, undefined for what is not worth a diff. */
async function previous(roots: Roots, place: Located): Promise<string | null | undefined> {
  const state = await roots.stat(place);
  if (state === null) return null;
  if (state.type !== "file")
    throw fileError("not_a_file", "Something else than a regular file is there", place.absolute);
  if (state.size > mostDiffedBytes) return undefined;
  const bytes = await roots.read(place, mostDiffedBytes * 2);
  return bytes.includes(0) || !isUtf8(bytes) ? undefined : bytes.toString("utf8");
}

function diffFields(before: string, after: string, name: string): { diff: string; diff_truncated: boolean } {
  const { text, truncated } = unifiedDiff(before, after, name, { maxBytes: mostDiffBytes });
  return { diff: text, diff_truncated: truncated };
}

export async function writeBytes(
  { checkpoints, afterEdit }: FileParts,
  { path, content, append, expected_revision: expected }: InputOf<"write_file_base64">,
  call: Call,
): Promise<Outcome<OutputOf<"write_file_base64">>> {
  const { roots } = call;
  const place = await written(call, path);
  const before = await roots.stat(place);
  const bytes = Buffer.from(content, "base64");
  const kept = await checkpoints.beforeChange(call, `write_file_base64 ${place.absolute}`, [place]);
  await roots.write(place, bytes, { append, ...(expected === undefined ? {} : { expected }) });
  const hooks = await afterEdit(call, [place.absolute]);
  const size = (await roots.stat(place))?.size ?? bytes.length;
  return {
    summary: `${append ? "Added" : "Wrote"} ${bytes.length} bytes to ${place.absolute}, now ${size}`,
    data: {
      path: place.absolute,
      bytes: bytes.length,
      created: before === null,
      size,
      revision: append || hooks.length > 0 ? null : revisionOf(bytes),
      ...keptFields(kept),
      ...(hooks.length > 0 ? { post_edit_hooks: [...hooks] } : {}),
    },
  };
}
