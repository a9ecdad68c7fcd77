/** Copies of what is at a place before a file tool changes it: files, links, and directories with what is in them. */
import { PaddockError } from "@paddock/contract";
import type { FileState, Located, Roots } from "../files/roots.ts";
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

export async function preImages(roots: Roots, places: readonly Located[], maxFileBytes: number): Promise<PreImages> {
  const collected = new Collection(roots, maxFileBytes);
  for (const place of places) {
    await collected.add(place, await roots.lstat(place));
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

  async add(place: Located, state: FileState | null): Promise<void> {
    if (this.overflow) return;
    if (this.states.length >= mostEntries) return this.#overflows();
    if (state === null) return this.#keep(place, "absent", 0, null);
    if (state.type === "file") return this.#addFile(place, state);
    if (state.type === "symlink") {
      return this.#keep(place, "symlink", 0, Buffer.from(await this.#roots.readLink(place)));
    }
    if (state.type === "directory") return this.#addDirectory(place, state);
    this.complete = false;
    this.#keep(place, "unkept", 0, null);
  }

  async #addFile(place: Located, { size, mode }: FileState): Promise<void> {
    if (this.#bytes + size > mostBytes) return this.#overflows();
    const content = size > this.#maxFileBytes ? null : await this.#read(place);
    if (content === null) this.complete = false;
    this.#bytes += content?.length ?? 0;
    this.#keep(place, content === null ? "unkept" : "file", mode, content);
  }

  /** Null for a file that grew, went or cannot be read: whether it may be changed is not decided here. */
  async #read(place: Located): Promise<Buffer | null> {
    try {
      return await this.#roots.read(place, this.#maxFileBytes);
    } catch (error) {
      if (error instanceof PaddockError) return null;
      throw error;
    }
  }

  async #addDirectory(place: Located, { mode }: FileState): Promise<void> {
    this.#keep(place, "directory", mode, null);
    for (const { name, state } of await this.#roots.entries(place)) {
      const inside = {
        ...place,
        relative: place.relative === "" ? name : `${place.relative}/${name}`,
        absolute: place.absolute === "/" ? `/${name}` : `${place.absolute}/${name}`,
      };
      // What is in there belongs to git, and could not be put back beneath it.
      if (name === ".git") this.complete = false;
      else await this.add(inside, state);
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
