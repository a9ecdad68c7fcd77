/**
 * A file that comes in parts: it grows under a name of its own in the target's directory, outlives an interruption, and takes
 * the target's name when it is whole.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  ftruncate,
  openSync,
  readdirSync,
  renameSync,
  write,
} from "node:fs";
import { promisify } from "node:util";
import { fileError, meaningOf } from "./errno.ts";
import type { Ground } from "./ground.ts";
import { through } from "./handle.ts";
import { type Leaf, targetOf } from "./parent.ts";
import type { Located, Part, PartOptions } from "./roots.ts";
import { discard, refuseUnlessFile, settleNew } from "./write.ts";

const writeLater = promisify(write);
const syncLater = promisify(fsync);
const truncateLater = promisify(ftruncate);
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const anonymous = 0o666;

/** `key` tells who brings what; `tag` tells what the source is like now: a part of what it was before is dropped. */
export function openPart(ground: Ground, place: Located, { key, tag, overwrite }: PartOptions): Part {
  const leaf = targetOf(ground, place, { makeParents: true });
  let fd = -1;
  try {
    refuseUnlessFile(leaf, place);
    if (leaf.stats !== null && !overwrite) throw taken(leaf);
    const name = `.paddock-${key}.${tag}.part`;
    dropOthers(leaf, `.paddock-${key}.`, name);
    const path = through(leaf.directory.fd, name);
    fd = openSync(path, flags, 0o600);
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.nlink !== 1)
      throw fileError("not_a_file", "Something else has the name of a part", leaf.absolute);
    return new OpenPart(leaf, path, fd, stats.size, overwrite);
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    leaf[Symbol.dispose]();
    throw meaningOf(error, place.absolute);
  }
}

const taken = (leaf: Leaf) => fileError("path_exists", "Something is there already", leaf.absolute);

function dropOthers({ directory }: Leaf, prefix: string, kept: string): void {
  for (const name of readdirSync(through(directory.fd)))
    if (name.startsWith(prefix) && name.endsWith(".part") && name !== kept) discard(through(directory.fd, name));
}

class OpenPart implements Part {
  readonly fd: number;
  readonly #leaf: Leaf;
  readonly #path: string;
  readonly #overwrite: boolean;
  #size: number;

  constructor(leaf: Leaf, path: string, fd: number, size: number, overwrite: boolean) {
    this.#leaf = leaf;
    this.#path = path;
    this.fd = fd;
    this.#size = size;
    this.#overwrite = overwrite;
  }

  get size(): number {
    return this.#size;
  }

  async append(bytes: Buffer): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await writeLater(this.fd, bytes, done, bytes.length - done, this.#size);
        done += bytesWritten;
        this.#size += bytesWritten;
      }
    } catch (error) {
      throw meaningOf(error, this.#leaf.absolute);
    }
  }

  async restart(): Promise<void> {
    await truncateLater(this.fd, 0);
    this.#size = 0;
  }

  async settle(): Promise<void> {
    const { stats } = this.#leaf;
    try {
      await syncLater(this.fd);
      fchmodSync(this.fd, stats === null ? anonymous & ~process.umask() : stats.mode & 0o777);
      if (this.#overwrite) renameSync(this.#path, this.#leaf.path);
      else settleNew(this.#leaf, this.#path, () => taken(this.#leaf));
    } catch (error) {
      throw meaningOf(error, this.#leaf.absolute);
    }
  }

  drop(): void {
    discard(this.#path);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    this.#leaf[Symbol.dispose]();
  }
}
