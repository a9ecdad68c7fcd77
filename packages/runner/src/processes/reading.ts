/** What a process printed, for an answer: from a cursor on or the end of it, whole characters only, gaps counted. */
import { setTimeout as delay } from "node:timers/promises";
import { PaddockError } from "@paddock/contract";
import type { BackgroundProcess, Printed, ProcessRecord } from "./background.ts";
import type { OutputLog } from "./output-log.ts";
import { lastCharacters, wholeCharacters } from "./text.ts";

/** What output is read of. */
export interface Readable {
  /** Null where it is not kept any more, or nothing could be printed yet. */
  printed: Printed | null;
  running: boolean;
  record: Pick<ProcessRecord, "state" | "exitCode">;
}

/** Its bytes are good until more is printed. */
export interface Reading {
  stdout: Buffer;
  stderr: Buffer;
  /** One offset for each stream, as `OUT.ERR`. */
  cursor: string;
  skipped: { stdout: number; stderr: number };
  more: boolean;
}

/** Where a reading begins: after a cursor, or so many characters before the end. */
export type From = { cursor: string } | { tailChars: number };

const longestCharacter = 4;
const nothing = Buffer.alloc(0);
const nothingPrinted: Reading = {
  stdout: nothing,
  stderr: nothing,
  cursor: "0.0",
  skipped: { stdout: 0, stderr: 0 },
  more: false,
};

const gatherMs = 10;

/**
 * Waits a moment while output pours that is read from a cursor on and would not fill the answer: an answer costs the same
 * whatever is in it, so that a reader who takes every drop would keep the program from printing.
 */
export async function gather({ printed, running }: Readable, cursor: string, maxBytes: number): Promise<void> {
  if (!printed || !running) return;
  const offsets = offsetsOf(cursor);
  const isAwaited = [printed.stdout, printed.stderr].some(
    (log, index) => log.pours && log.total - (offsets[index] ?? 0) < maxBytes,
  );
  if (isAwaited) await delay(gatherMs);
}

export function readOutput({ printed, running }: Readable, from: From, maxBytes: number): Reading {
  if (!printed) return nothingPrinted;
  const [outAt, errAt] = "cursor" in from ? offsetsOf(from.cursor) : [null, null];
  const tailChars = "tailChars" in from ? from.tailChars : 0;
  const out = readStream(printed.stdout, outAt, tailChars, maxBytes, running);
  const err = readStream(printed.stderr, errAt, tailChars, maxBytes, running);
  return {
    stdout: out.bytes,
    stderr: err.bytes,
    cursor: `${out.next}.${err.next}`,
    skipped: { stdout: out.skipped, stderr: err.skipped },
    more: out.next < printed.stdout.total || err.next < printed.stderr.total,
  };
}

/** Whether there is something to read after a cursor. */
export function hasMore({ printed }: BackgroundProcess, cursor: string): boolean {
  const [out, err] = offsetsOf(cursor);
  return printed !== null && (printed.stdout.total > out || printed.stderr.total > err);
}

function offsetsOf(cursor: string): [number, number] {
  const [out, err] = cursor.split(".").map(Number);
  if (out === undefined || err === undefined) throw new PaddockError("invalid_input", `${cursor} is not a cursor.`);
  return [out, err];
}

interface Part {
  bytes: Buffer;
  /** Offset after it. */
  next: number;
  /** Bytes between where it was to begin and where it does. */
  skipped: number;
}

/** `at` null reads the end. A character that is not complete yet is left for the next reading. */
function readStream(log: OutputLog, at: number | null, tailChars: number, maxBytes: number, running: boolean): Part {
  if (at === null) return readTail(log, tailChars, running);
  const { bytes, from } = log.read(at, maxBytes);
  const isEnd = from + bytes.length >= log.total && !running;
  const whole = wholeCharacters(bytes, { start: from !== at, end: !isEnd });
  const kept = whole.length > 0 ? whole : bytes;
  const start = kept.byteOffset - bytes.byteOffset;
  const isWaiting = whole.length === 0 && running && from + bytes.length >= log.total;
  if (isWaiting) return { bytes: nothing, next: from, skipped: from - at };
  return { bytes: kept, next: from + start + kept.length, skipped: from - Math.min(at, log.total) };
}

function readTail(log: OutputLog, tailChars: number, running: boolean): Part {
  const { bytes, from } = log.readEnd(tailChars * longestCharacter);
  const whole = wholeCharacters(bytes, { start: from > 0, end: running });
  const tail = lastCharacters(whole, tailChars);
  const next = from + (tail.byteOffset - bytes.byteOffset) + tail.length;
  return { bytes: tail, next, skipped: next - tail.length };
}
