/** Records of what anybody can cause: the same once a minute, and not too many different ones. */

export interface Sparingly {
  /** How many were left out since one was told; null when this one is left out too. */
  tell(what: string, now: number): number | null;
}

const windowMs = 60_000;

/** `most`: different ones in a minute. */
export function sparingly(most: number): Sparingly {
  const told = new Set<string>();
  let began = Number.NEGATIVE_INFINITY;
  let left = 0;
  return {
    tell(what, now) {
      if (now - began > windowMs) {
        began = now;
        told.clear();
      }
      if (told.has(what) || told.size >= most) {
        left += 1;
        return null;
      }
      told.add(what);
      const before = left;
      left = 0;
      return before;
    },
  };
}
