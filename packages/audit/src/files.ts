/** The files of an audit log: `audit.jsonl` is written, `audit.jsonl.1` and up were rotated, the higher the older. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

export const auditFile = (folder: string): string => join(folder, "audit.jsonl");

/** No record is longer, so that the last one is found in so much of the end. */
export const maxLineBytes = 512 * 1024;

/** What there is of the log that is written to `path`, oldest first. */
export function filesOf(path: string): string[] {
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => ({ name, age: ageOf(name, basename(path)) }))
    .filter(({ age }) => age !== null)
    .toSorted((a, b) => Number(b.age) - Number(a.age))
    .map(({ name }) => join(folder, name));
}

/** How often the file was rotated; null for another file. */
function ageOf(name: string, current: string): number | null {
  if (name === current) return 0;
  const age = name.startsWith(`${current}.`) ? name.slice(current.length + 1) : "";
  return /^[1-9]\d{0,5}$/.test(age) ? Number(age) : null;
}

/** The file's last bytes; without `most` enough for its last line. */
export function readTail(descriptor: number, size = fstatSync(descriptor).size, most = maxLineBytes): Buffer {
  const tail = Buffer.alloc(Math.min(size, most));
  readSync(descriptor, tail, 0, tail.length, size - tail.length);
  return tail;
}

/** The last line that has its newline; null when there is none. */
export function lastLineIn(tail: Buffer): Buffer | null {
  const end = tail.lastIndexOf(10);
  return end < 0 ? null : tail.subarray(end === 0 ? 0 : tail.lastIndexOf(10, end - 1) + 1, end);
}

/** The first bytes of a file: enough to see the number of its first record. */
export function readBeginning(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(64);
    return bytes.toString("latin1", 0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces a file of the owner alone in one step, on the disk when it returns. */
export function writeWhole(path: string, text: string): void {
  const fresh = `${path}.new`;
  const descriptor = openSync(fresh, "w", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, path);
}
