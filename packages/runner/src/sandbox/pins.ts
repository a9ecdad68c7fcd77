/**
 * Places on the host, held open from the moment they are looked at until bubblewrap mounts them. Bubblewrap follows a path
 * anew when it mounts it, and by then an agent may have put a link there; a handle stays what it is.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import { PaddockError } from "@paddock/contract";

export interface Pin {
  readonly fd: number;
  readonly stats: Stats;
  /** The descriptor as bubblewrap is told it. */
  readonly number: string;
}

/** Linux's flag for a handle that names a place without opening its content. Node has no constant for it. */
const O_PATH = 0o10000000;
const absent = new Set(["ENOENT", "ENOTDIR", "EACCES"]);

export class Pins implements Disposable {
  readonly #first: number;
  readonly #handles: number[] = [];

  /** `first` is the descriptor that the first of the handles has in bubblewrap; the others follow it. */
  constructor(first: number) {
    this.#first = first;
  }

  get handles(): readonly number[] {
    return this.#handles;
  }

  /** What is at this real path. Throws when nothing is, or when a link on the way leads elsewhere by now. */
  at(path: string): Pin {
    const pin = this.#open(path);
    if (!pin) throw new PaddockError("path_not_found", `There is no ${path} any more.`);
    if (isExact(pin, path)) return pin;
    throw new PaddockError("path_outside_roots", `${path} leads elsewhere by now.`);
  }

  /** Like `at`, null instead of throwing. */
  find(path: string): Pin | null {
    const pin = this.#open(path);
    return pin && isExact(pin, path) ? pin : null;
  }

  /** What is under a name in a directory, a link not followed; null when nothing is. */
  in({ fd }: Pin, name: string): Pin | null {
    return this.#open(`/proc/self/fd/${fd}/${name}`);
  }

  /** A file of Paddock's own, open for reading. */
  file(path: string): Pin {
    return this.#held(openSync(path, constants.O_RDONLY));
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) closeSync(handle);
  }

  #open(path: string): Pin | null {
    try {
      return this.#held(openSync(path, O_PATH | constants.O_NOFOLLOW));
    } catch (error) {
      if (absent.has((error as NodeJS.ErrnoException).code ?? "")) return null;
      throw error;
    }
  }

  #held(fd: number): Pin {
    this.#handles.push(fd);
    return { fd, stats: fstatSync(fd), number: `${this.#first + this.#handles.length - 1}` };
  }
}

const isExact = ({ fd, stats }: Pin, path: string): boolean =>
  !stats.isSymbolicLink() && readlinkSync(`/proc/self/fd/${fd}`) === path;
