/** Undo. File tools keep what they are about to replace; commands are covered by a snapshot of the workspace. */
import type { CheckpointId } from "@paddock/contract";
import type { Located } from "../files/roots.ts";
import type { Call } from "../tools/handler.ts";

export interface Kept {
  id: CheckpointId | null;
  /** `partial`: something was too large, or the snapshot was not ready in time. */
  checkpoint: "full" | "partial" | "off";
}

/** A place that is no link, and what was read there. */
export interface ReadPlace extends Located {
  was: { content: Buffer; mode: number };
}

export interface Checkpoints {
  /**
   * Keeps the present content of the places, before a file tool changes them. `places` may name what does not exist yet, and
   * may come with a content that was read a moment ago, if the change is refused where it is no longer that.
   */
  beforeChange(call: Call, title: string, places: readonly (Located | ReadPlace)[]): Promise<Kept>;
  /** Makes sure that a snapshot of the workspace from before the command exists; waits at most 2 s for it. */
  beforeCommand(call: Call, title: string): Promise<Kept>;
}
