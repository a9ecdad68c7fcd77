/** Copies of what is at a place before a file tool changes it: files, links, and directories with what is in them. */
import type { FileState, Located, Roots } from "../files/roots.ts";
import type { ReadPlace } from "./checkpoints.ts";
import type { State } from "./store.ts";

export interface PreImages {
  states: State[];
  /** False when something was too large, too many or of an odd kind to be copied. */
  complete: boolean;
  /** True when a directory had more in it than is copied: a snapshot has to do. */
  overflow: boolean;
}

const mostEntries = 2000;
const mostBytes = 32 * 1024 * 1024;

export async function preImages(
  roots: Roots,
  places: readonly (Located | ReadPlace)[],
  maxFileBytes: number,
): Promise<PreImages> {
  const collected = new Collection(roots, maxFileBytes);
  for (const place of places) {
    if ("was" in place) collected.addRead(place);
    else await collected.add(place);
  }
  return collected;
}

class Collection implements PreImages {
  readonly states: State[] = [];
  complete = true;
  overflow = false;
  readonly #roots: Roots;
  readonly #maxFileBytes: number;
  #bytes = 0;

  constructor(roots: Roots, maxFileBytes: number) {
    this.#roots = roots;
    this.#maxFileBytes = maxFileBytes;
  }

  /** Adds what is at a place, and what is in it where it is a directory. */
  async add(place: Located): Promise<void> {
    if (!this.#hasRoom()) return;
    const found = await this.#roots.capture(place, Math.min(this.#maxFileBytes, mostBytes - this.#bytes));
    if (found === null) return this.#keep(place, "absent", 0, null);
    const { state, content } = found;
    if (state.type === "file") return this.#addFile(place, { ...state, content });
    if (state.type === "symlink") {
      return this.#keep(place, "symlink", 0, Buffer.from(await this.#roots.readLink(place)));
    }
    if (state.type === "directory") return this.#addDirectory(place, state);
    this.complete = false;
    this.#keep(place, "unkept", 0, null);
  }

  /** Adds a file by what was read of it. */
  addRead({ was: { content, mode }, ...place }: ReadPlace): void {
    if (!this.#hasRoom()) return;
    const size = content.length;
    this.#addFile(place, { size, mode, content: size > this.#maxFileBytes ? null : content });
  }

  #hasRoom(): boolean {
    if (this.states.length >= mostEntries) this.#overflows();
    return !this.overflow;
  }

  /** Without content for a file that is too large, grew or cannot be read: whether it may be changed is not decided here. */
  #addFile(place: Located, { size, mode, content }: { size: number; mode: number; content: Buffer | null }): void {
    if (this.#bytes + size > mostBytes) {
      this.#overflows();
      return;
    }
    if (content === null) this.complete = false;
    this.#bytes += content?.length ?? 0;
    this.#keep(place, content === null ? "unkept" : "file", mode, content);
  }

  async #addDirectory(place: Located, { mode }: FileState): Promise<void> {
    this.#keep(place, "directory", mode, null);
    for (const { name } of await this.#roots.entries(place)) {
      const inside = {
        ...place,
        relative: place.relative === "" ? name : `${place.relative}/${name}`,
        absolute: place.absolute === "/" ? `/${name}` : `${place.absolute}/${name}`,
      };
      // What is in there belongs to git, and could not be put back beneath it.
      if (name === ".git") this.complete = false;
      else await this.add(inside);
    }
  }

  #keep({ root, relative }: Located, type: State["type"], mode: number, content: Buffer | null): void {
    this.states.push({ root, relative, type, mode, content });
  }

  #overflows(): void {
    this.overflow = true;
    this.complete = false;
  }
}
