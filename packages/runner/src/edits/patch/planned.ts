/** What planning one section of a patch takes and gives. */
import { type MatchTier, PaddockError, printableLine } from "@paddock/contract";
import type { Located, Roots } from "../../files/roots.ts";
import type { FileChange } from "../commit.ts";
import type { EditLimits } from "../source.ts";
import type { Base } from "./targets.ts";

export type Operation = "add" | "update" | "delete" | "move" | "copy";

export interface PlannedFile {
  operation: Operation;
  /** Where the content is afterwards; where it was, for a deletion. */
  place: Located;
  /** Where it was, for a move or copy. */
  from?: Located;
  /** Text for the diff; null where no file is. */
  before: string | null;
  after: string | null;
  /** Whether it may be run; of a side that is not there, what the other says. */
  executable: { before: boolean; after: boolean };
  match: MatchTier;
  changes: FileChange[];
}

export interface PlanContext {
  roots: Roots;
  base: Base;
  limits: EditLimits;
  /** Revision a file must have, by its name in the patch. */
  expected: ReadonlyMap<string, string>;
}

export const bothRun = (runs: boolean) => ({ before: runs, after: runs });
export const runs = (mode: number): boolean => (mode & 0o100) !== 0;

/** For a file that will be gone from its name. */
export async function refuseLink(roots: Roots, place: Located): Promise<void> {
  if ((await roots.lstat(place))?.type !== "symlink") return;
  const message = `${printableLine(place.absolute)} is a symbolic link; a patch neither removes nor moves it.`;
  throw new PaddockError("not_a_file", message, "Use delete_file or move_file.");
}
