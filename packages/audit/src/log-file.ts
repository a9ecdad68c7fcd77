/** The one file that an audit log is written to. It notices when somebody else removed, replaced, cut or extended it. */
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from "node:fs";
import { PaddockError } from "@paddock/contract/errors";
import { filesOf, readTail } from "./files.ts";

export type FileState = "whole" | "removed" | "replaced" | "truncated" | "extended";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

export class LogFile {
  readonly path: string;
  #descriptor: number;
  #size: number;

  /** A last line without its newline was never confirmed to anybody: it is cut off, so that the chain goes on before it. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openAppending(path);
    this.#size = fstatSync(this.#descriptor).size;
    this.#dropTornLine();
  }

  get size(): number {
    return this.#size;
  }

  tail(): Buffer {
    return readTail(this.#descriptor, this.#size);
  }

  /** The text is in the file whole, or not at all and this throws. */
  append(text: string): void {
    const length = Buffer.byteLength(text);
    const written = writeSync(this.#descriptor, text);
    if (written < length) {
      ftruncateSync(this.#descriptor, this.#size);
      throw new Error(`only ${written} of ${length} bytes could be written`);
    }
    this.#size += written;
  }

  syncNow(): void {
    fdatasyncSync(this.#descriptor);
  }

  /** A file that was rotated meanwhile has been synced by that. */
  sync(done: (error: Error | null) => void): void {
    const descriptor = this.#descriptor;
    fdatasync(descriptor, (error) => done(descriptor === this.#descriptor ? error : null));
  }

  state(): FileState {
    const there: Stats | undefined = lstatSync(this.path, { throwIfNoEntry: false });
    if (!there) return "removed";
    const own = fstatSync(this.#descriptor);
    if (there.ino !== own.ino || there.dev !== own.dev) return "replaced";
    if (own.size < this.#size) return "truncated";
    return own.size > this.#size ? "extended" : "whole";
  }

  /** Goes on in what is there now: a new file where it is gone, behind what somebody else left where it is not ours. */
  recover(state: FileState): void {
    if (state === "replaced") renameSync(this.path, `${this.path}.foreign-${Date.now()}`);
    if (state === "removed" || state === "replaced") this.#use(openAppending(this.path));
    this.#size = fstatSync(this.#descriptor).size;
    this.#dropTornLine();
  }

  /** Makes the file the newest rotated one and begins another. Older ones stay until `prune`. */
  rotate(): void {
    this.syncNow();
    const fresh = `${this.path}.new`;
    rmSync(fresh, { force: true });
    const descriptor = openAppending(fresh);
    const files = filesOf(this.path);
    for (const [index, file] of files.entries()) renameSync(file, `${this.path}.${files.length - index}`);
    renameSync(fresh, this.path);
    this.#use(descriptor);
    this.#size = 0;
  }

  close(): void {
    fdatasyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }

  #use(descriptor: number): void {
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
  }

  #dropTornLine(): void {
    const tail = this.tail();
    if (tail.length === 0 || tail.at(-1) === 10) return;
    const end = tail.lastIndexOf(10);
    if (end < 0 && tail.length < this.#size) throw notARecord(this.path);
    this.#size -= tail.length - (end + 1);
    ftruncateSync(this.#descriptor, this.#size);
  }
}

/** Never through a link: the log is where the state folder says. */
const openAppending = (path: string): number => openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_RDWR, 0o600);

export const notARecord = (path: string): PaddockError =>
  new PaddockError(
    "audit_unavailable",
    `The last line of ${path} is not an audit record.`,
    "Move the file away and keep it; a new log starts then.",
  );

/** Rotated files beyond the number that is kept, oldest first. */
export function surplusOf(path: string, keep: number): string[] {
  const rotated = filesOf(path).filter((file) => file !== path);
  return rotated.slice(0, Math.max(0, rotated.length - keep));
}
