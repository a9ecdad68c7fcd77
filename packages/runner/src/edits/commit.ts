/**
 * Puts changes to several files in place, all or none. Every new content is on the disk before the first name changes; a
 * failure after that puts back what was there, created directories included.
 */
import { dirname } from "node:path";
import { PaddockError, printableLine } from "@paddock/contract";
import { revisionOf } from "../files/revision.ts";
import type { Located, Roots, Staged } from "../files/roots.ts";

export interface FileBefore {
  /** Where it was read, every link resolved. */
  real: Located;
  content: Buffer;
  mode: number;
  revision: string;
}

export interface FileChange {
  place: Located;
  /** What was read there; null where nothing was. */
  before: FileBefore | null;
  /** What is to be there; null for nothing. The mode is kept where none is given. */
  after: { content: Buffer; mode?: number } | null;
}

/** Throws changed_meanwhile when a file is not what `before` says, and what the roots throw; then nothing has changed. */
export async function commit(roots: Roots, changes: readonly FileChange[]): Promise<void> {
  const directories = await missingDirectories(roots, changes);
  const staged: Staged[] = [];
  const done: FileChange[] = [];
  try {
    for (const change of changes) if (change.after) staged.push(await stage(roots, change, change.after));
    for (const change of changes) {
      if (change.after) staged.shift()?.settle();
      else await remove(roots, change);
      done.push(change);
    }
  } catch (error) {
    for (const left of staged) left.discard();
    throw await rolledBack(roots, done, directories, error);
  }
}

function stage(
  roots: Roots,
  { place, before }: FileChange,
  after: { content: Buffer; mode?: number },
): Promise<Staged> {
  const mode = after.mode === undefined ? {} : { mode: after.mode };
  return roots.stage(place, after.content, { ...mode, expected: before?.revision ?? null });
}

async function remove(roots: Roots, { place, before }: FileChange): Promise<void> {
  if (!(await isStill(roots, place, before))) {
    throw new PaddockError(
      "changed_meanwhile",
      `${printableLine(place.absolute)} is not what it was when it was read.`,
    );
  }
  await roots.removeFile(place);
}

async function isStill(roots: Roots, place: Located, before: FileBefore | null): Promise<boolean> {
  try {
    return revisionOf(await roots.read(place, before?.content.length ?? 0)) === before?.revision;
  } catch (error) {
    if (error instanceof PaddockError) return false;
    throw error;
  }
}

/** Directories that the changes will create, innermost first. */
async function missingDirectories(roots: Roots, changes: readonly FileChange[]): Promise<Located[]> {
  const missing = new Map<string, Located>();
  for (const { place, before, after } of changes) {
    if (before !== null || after === null) continue;
    for (let path = dirname(place.absolute); path.startsWith(`${place.root}/`); path = dirname(path)) {
      if (missing.has(path)) break;
      const directory = roots.locate(path, "/");
      if ((await roots.lstat(directory)) !== null) break;
      missing.set(path, directory);
    }
  }
  return [...missing.values()].sort((left, right) => right.relative.length - left.relative.length);
}

/** Undoes what was done and gives the error to throw: the one that came first, and what could not be put back. */
async function rolledBack(
  roots: Roots,
  done: readonly FileChange[],
  directories: readonly Located[],
  cause: unknown,
): Promise<unknown> {
  const stuck: string[] = [];
  for (const change of done.toReversed()) {
    if (!(await succeeds(() => undo(roots, change)))) stuck.push(change.place.absolute);
  }
  for (const directory of directories) await succeeds(() => roots.removeDirectory(directory, { recursive: false }));
  if (stuck.length === 0) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PaddockError(
    "internal",
    `${reason} These files were changed before that and could not be put back: ${stuck.join(", ")}.`,
    "Restore them with rewind.",
  );
}

/** Whether it could be done; only a refusal of the file system, such as one that came between, counts as no. */
async function succeeds(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof PaddockError) return false;
    throw error;
  }
}

async function undo(roots: Roots, { place, before, after }: FileChange): Promise<void> {
  if (before === null) return roots.removeFile(place);
  const expected = after === null ? null : revisionOf(after.content);
  await roots.write(place, before.content, { mode: before.mode, expected });
}
