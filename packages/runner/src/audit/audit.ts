/**
 * The runner's audit log: a chain of JSON lines in one append-only file, rotated by size, the chain going on across files.
 * A record is in the file when `write` returns, so a SIGKILL loses none; it is on the disk within 200 ms, and at once for
 * what a person was asked and answered.
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

export interface Audit {
  /** False while records cannot be written: then nothing new may run. Tries again when asked. */
  readonly writable: boolean;
  write(entry: AuditEntry): void;
  /** On the disk when it returns, as far as the disk keeps its promises. */
  writeDurably(entry: AuditEntry): void;
  readonly head: ChainHead;
  readonly path: string;
  close(): void;
}

export interface AuditOptions {
  path: string;
  maxBytes: number;
  /** Rotated files kept beside the current one. */
  keep: number;
  log: { error(fields: object, message: string): void };
}

const syncDelayMs = 200;
/** Longest line, and so the most that has to be read back to find the last one. */
const tailBytes = 256 * 1024;

export const sha256 = (text: string): string => hash("sha256", text);

class AuditFile implements Audit {
  readonly path: string;
  readonly #options: AuditOptions;
  #file: number;
  #size: number;
  #head: ChainHead;
  /** Lines that could not be written yet, oldest first. Bounded, as nothing new runs meanwhile. */
  #unwritten: string[] = [];
  #syncTimer: NodeJS.Timeout | null = null;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.path = options.path;
    this.#file = openSync(options.path, "a+", 0o600);
    this.#size = fstatSync(this.#file).size;
    this.#dropTornLine();
    this.#head = this.#readHead();
  }

  get head(): ChainHead {
    return this.#head;
  }

  get writable(): boolean {
    return this.#unwritten.length === 0 || this.#flush();
  }

  write(entry: AuditEntry): void {
    this.#append(entry);
    this.#syncTimer ??= setTimeout(() => this.#sync(), syncDelayMs).unref();
  }

  writeDurably(entry: AuditEntry): void {
    this.#append(entry);
    fdatasyncSync(this.#file);
  }

  close(): void {
    if (this.#syncTimer) clearTimeout(this.#syncTimer);
    fdatasyncSync(this.#file);
    closeSync(this.#file);
  }

  #append(entry: AuditEntry): void {
    const shown = entry.input === undefined ? entry : { ...entry, input: shortenInput(entry.input, maskSecrets) };
    const { line, head } = chainLine(this.#head, shown, new Date().toISOString(), sha256);
    this.#head = head;
    this.#unwritten.push(`${line}\n`);
    this.#flush();
  }

  #flush(): boolean {
    try {
      for (let line = this.#unwritten[0]; line !== undefined; line = this.#unwritten[0]) {
        if (this.#size + line.length > this.#options.maxBytes && this.#size > 0) this.#rotate();
        this.#writeWhole(line);
        this.#unwritten.shift();
      }
      return true;
    } catch (fault) {
      this.#options.log.error({ err: fault }, "the audit log cannot be written; new runs are refused");
      return false;
    }
  }

  /** A line is in the file whole or not at all. */
  #writeWhole(line: string): void {
    const bytes = Buffer.from(line);
    const written = writeSync(this.#file, bytes);
    if (written < bytes.length) {
      ftruncateSync(this.#file, this.#size);
      throw new Error(`only ${written} of ${bytes.length} bytes could be written`);
    }
    this.#size += written;
  }

  #sync(): void {
    this.#syncTimer = null;
    fdatasync(this.#file, (fault) => {
      if (fault) this.#options.log.error({ err: fault }, "the audit log could not be synced");
    });
  }

  #rotate(): void {
    const { path, keep } = this.#options;
    const older = (n: number) => (n === 0 ? path : `${path}.${n}`);
    fdatasyncSync(this.#file);
    rmSync(older(keep), { force: true });
    for (let n = keep - 1; n >= 0; n -= 1) if (existsSync(older(n))) renameSync(older(n), older(n + 1));
    const next = openSync(path, "a+", 0o600);
    closeSync(this.#file);
    this.#file = next;
    this.#size = 0;
  }

  /** A line that a crash of the machine cut short is no record. */
  #dropTornLine(): void {
    const tail = this.#tail();
    if (tail.length === 0 || tail.at(-1) === 10) return;
    const end = tail.lastIndexOf(10);
    this.#size -= tail.length - (end + 1);
    ftruncateSync(this.#file, this.#size);
  }

  #readHead(): ChainHead {
    const lines = this.#tail().toString("utf8").trimEnd().split("\n");
    const last = lines.at(-1);
    if (last) return headIn(last, this.path);
    return existsSync(`${this.path}.1`) ? headOfFile(`${this.path}.1`) : emptyChain;
  }

  #tail(): Buffer {
    return readTail(this.#file, this.#size);
  }
}

function headOfFile(path: string): ChainHead {
  const file = openSync(path, "r");
  const last = readTail(file, fstatSync(file).size).toString("utf8").trimEnd().split("\n").at(-1);
  closeSync(file);
  return last ? headIn(last, path) : emptyChain;
}

function headIn(line: string, path: string): ChainHead {
  try {
    return headOf(line, sha256);
  } catch {
    throw new PaddockError(
      "audit_unavailable",
      `The last line of ${path} is not an audit record.`,
      "Move the file away and keep it; a new log starts then.",
    );
  }
}

function readTail(file: number, size: number): Buffer {
  const tail = Buffer.alloc(Math.min(size, tailBytes));
  readSync(file, tail, 0, tail.length, size - tail.length);
  return tail;
}

export const openAudit = (options: AuditOptions): Audit => new AuditFile(options);
