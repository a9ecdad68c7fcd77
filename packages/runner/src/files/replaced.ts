/** What a write to a place replaces: where the place is a link, the file it leads to. That is what has to be kept for undo. */
import type { Located, Roots } from "./roots.ts";

export async function replacedBy(roots: Roots, place: Located): Promise<Located> {
  return (await roots.lstat(place))?.type === "symlink" ? roots.real(place) : place;
}
