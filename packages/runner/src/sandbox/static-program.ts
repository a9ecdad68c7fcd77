/** Whether a program runs by itself, without libraries of the system: only then can a bare cage hold it. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";

/** Most bytes read of a program; its table of segments follows the header at once. */
const readBytes = 4096;
const elf64LittleEndian = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
/** A segment that names the loader which brings the libraries. */
const interpreterSegment = 3;

/** False also for what is not there, not named by its whole path, or not understood, such as a script. */
export function isStaticProgram(path: string): boolean {
  if (!isAbsolute(path) || !statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const head = Buffer.alloc(readBytes);
  const fd = openSync(path, "r");
  try {
    readSync(fd, head, 0, readBytes, 0);
  } finally {
    closeSync(fd);
  }
  if (!head.subarray(0, elf64LittleEndian.length).equals(elf64LittleEndian)) return false;
  const [start, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  if (count === 0 || start + size * count > readBytes) return false;
  return Array.from({ length: count }, (_, index) => head.readUInt32LE(start + size * index)).every(
    (type) => type !== interpreterSegment,
  );
}
