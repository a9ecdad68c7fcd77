/** What the handlers that change files are given, and how their answers speak of undoing. */
import type { Checkpoints, Kept } from "../checkpoints/checkpoints.ts";
import type { AfterEdit } from "../edits/after-edit.ts";

export interface FileParts {
  checkpoints: Checkpoints;
  afterEdit: AfterEdit;
}

const warnings = {
  full: [],
  partial: ["Not all of what this replaced could be kept for rewind."],
  off: ["Nothing of what this replaced was kept for rewind."],
} as const satisfies Record<Kept["checkpoint"], readonly string[]>;

export const keptFields = ({ id, checkpoint }: Kept) => ({ checkpoint_id: id, warnings: [...warnings[checkpoint]] });
