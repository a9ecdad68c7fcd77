/** Calls that a client still waits for, so that its `notifications/cancelled` finds the run it means. */
import type { RunId } from "@paddock/contract";
import type { MessageId } from "./message.ts";

export interface Waiting {
  /** Null until the run is recorded. */
  run: RunId | null;
}

export interface InFlight {
  add(owner: string, id: MessageId, waiting: Waiting): () => void;
  /** Null when there is none, or more than one and so no telling which is meant. */
  find(owner: string, id: MessageId): Waiting | null;
}

/** `owner` is whatever makes request ids unique: a principal and its session. */
export function inFlight(): InFlight {
  const calls = new Map<string, Set<Waiting>>();
  const keyOf = (owner: string, id: MessageId) => JSON.stringify([owner, id]);
  return {
    add(owner, id, waiting) {
      const key = keyOf(owner, id);
      const same = calls.get(key) ?? new Set();
      calls.set(key, same.add(waiting));
      return () => {
        same.delete(waiting);
        if (same.size === 0 && calls.get(key) === same) calls.delete(key);
      };
    },
    find(owner, id) {
      const same = calls.get(keyOf(owner, id));
      const [only] = same ?? [];
      return same?.size === 1 && only ? only : null;
    },
  };
}
