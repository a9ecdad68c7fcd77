/** Which processor a program is for, by the head of its file. */
import { closeSync, openSync, readSync } from "node:fs";

const machines: Readonly<Record<number, string>> = { 62: "x64", 183: "arm64" };
const magic = "\x7fELF";
const machineAt = 18;

/** Null for what is no program of Linux. */
export function machineOf(path: string): string | null {
  const head = Buffer.alloc(20);
  const file = openSync(path, "r");
  try {
    if (readSync(file, head) < head.length || head.toString("latin1", 0, magic.length) !== magic) return null;
  } finally {
    closeSync(file);
  }
  const machine = head.readUInt16LE(machineAt);
  return machines[machine] ?? `machine ${machine}`;
}
