/** One thing that is mounted in a cage, whatever mounts it. */
import type { Hidden } from "./hidden/hidden.ts";
import type { Pin } from "./pins.ts";

export type Step =
  /** A place that is held open, so that nothing else is shown. */
  | { type: "bind"; pin: Pin; path: string; at: string; write: boolean }
  /** A place of Paddock's own, by its path. */
  | { type: "place"; path: string; at: string; write: boolean }
  /** Shows an empty folder, or a file that cannot be read, instead of what is there. */
  | { type: "cover"; at: string; what: Hidden["type"] };
