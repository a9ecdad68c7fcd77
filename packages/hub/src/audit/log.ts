/**
 * The hub's audit log: calls it refused, calls it answered itself, failed credentials, tokens. One file of chained lines,
 * rotated by size. A record is in the file when `record` returns, so that no kill loses it, and on the disk 200 ms later.
 */
import { hash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import {
  type AuditEntry,
  type ChainHead,
  chainLine,
  emptyChain,
  headOf,
  maskSecrets,
  PaddockError,
  shortenInput,
} from "@paddock/contract";

export interface AuditLog {
  /** Appends a record, its input shortened and masked; it is in the file when this returns. Throws audit_unavailable when it cannot be written. */
  record(entry: AuditEntry): void;
  /** Where the log ends. */
  readonly head: ChainHead;
  close(): void;
}

export interface AuditLimits {
  maxBytes: number;
  /** Rotated files kept. */
  keep: number;
}

const syncDelayMs = 200;
/** No record is longer, so that the last one is found in so much of the end. */
const maxLineBytes = 512 * 1024;

export const sha256 = (text: string): string => hash("sha256", text);

/** The file that is written is number 0; rotated ones count up with age. */
export const auditFile = (folder: string, age: number): string =>
  join(folder, age === 0 ? "audit.jsonl" : `audit.jsonl.${age}`);

/** Throws audit_unavailable when what is there cannot be continued. */
export function openAuditLog(folder: string, limits: AuditLimits): AuditLog {
  let file = openFile(folder);
  let head = file.head ?? lastHead(auditFile(folder, 1)) ?? emptyChain;
  let syncTimer: NodeJS.Timeout | null = null;
  let lost: Error | null = null;

  const sync = (): void => {
    syncTimer = null;
    const { descriptor } = file;
    fdatasync(descriptor, (error) => {
      if (descriptor === file.descriptor) lost = error;
    });
  };
  const rotate = (): void => {
    fdatasyncSync(file.descriptor);
    closeSync(file.descriptor);
    rmSync(auditFile(folder, limits.keep), { force: true });
    for (let age = limits.keep - 1; age >= 0; age -= 1) {
      if (existsSync(auditFile(folder, age))) renameSync(auditFile(folder, age), auditFile(folder, age + 1));
    }
    file = openFile(folder);
  };

  return {
    record(entry) {
      if (lost) throw unwritable(lost);
      const shown = entry.input === undefined ? entry : { ...entry, input: shortenInput(entry.input, maskSecrets) };
      const next = chainLine(head, shown, new Date().toISOString(), sha256);
      if (file.bytes > 0 && file.bytes + next.line.length > limits.maxBytes) rotate();
      append(file, `${next.line}\n`);
      head = next.head;
      syncTimer ??= setTimeout(sync, syncDelayMs).unref();
    },
    get head() {
      return head;
    },
    close() {
      if (syncTimer) clearTimeout(syncTimer);
      fdatasyncSync(file.descriptor);
      closeSync(file.descriptor);
    },
  };
}

interface OpenFile {
  descriptor: number;
  bytes: number;
  head: ChainHead | null;
}

/** A last line without its newline was never confirmed to anybody: it is cut off, so that the chain goes on before it. */
function openFile(folder: string): OpenFile {
  const path = auditFile(folder, 0);
  const descriptor = openSync(path, "a+", 0o600);
  const { size } = fstatSync(descriptor);
  const tail = readTail(descriptor, size);
  if (size > tail.length && !tail.includes(10)) throw notARecord(path);
  const bytes = size - tail.length + tail.lastIndexOf(10) + 1;
  if (bytes < size) ftruncateSync(descriptor, bytes);
  return { descriptor, bytes, head: headIn(tail, path) };
}

function lastHead(path: string): ChainHead | null {
  if (!existsSync(path)) return null;
  const descriptor = openSync(path, "r");
  const tail = readTail(descriptor, fstatSync(descriptor).size);
  closeSync(descriptor);
  return headIn(tail, path);
}

function readTail(descriptor: number, size: number): Buffer {
  const tail = Buffer.alloc(Math.min(size, maxLineBytes));
  readSync(descriptor, tail, 0, tail.length, size - tail.length);
  return tail;
}

/** The head that the last whole line of a log's end gives; null for an empty log. */
function headIn(tail: Buffer, path: string): ChainHead | null {
  const end = tail.lastIndexOf(10);
  if (end < 0) return null;
  const line = tail.toString("utf8", tail.lastIndexOf(10, end - 1) + 1, end);
  try {
    return headOf(line, sha256);
  } catch {
    throw notARecord(path);
  }
}

const notARecord = (path: string): PaddockError =>
  new PaddockError(
    "audit_unavailable",
    `The last line of ${path} is not an audit record.`,
    "Move the file away and keep it; a new log starts then.",
  );

/** Half a line, as a full disk leaves it, would break the chain for the next reader. */
function append(file: OpenFile, text: string): void {
  try {
    const written = writeSync(file.descriptor, text);
    if (written < Buffer.byteLength(text)) throw new Error("the disk took only a part of the record");
    file.bytes += written;
  } catch (error) {
    ftruncateSync(file.descriptor, file.bytes);
    throw unwritable(error);
  }
}

const unwritable = (error: unknown): PaddockError =>
  new PaddockError(
    "audit_unavailable",
    `The audit log cannot be written: ${error instanceof Error ? error.message : error}`,
  );
