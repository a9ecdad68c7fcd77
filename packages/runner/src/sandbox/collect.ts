/**
 * Runs a program to its end and keeps what it printed, within bounds. Throws cage_stopped when Paddock had to stop it, and
 * when it was ended and goes on nevertheless.
 */
import type { Readable } from "node:stream";
import { PaddockError } from "@paddock/contract";
import type { Caged, Finished, RunOptions } from "./cage.ts";

export async function collect(caged: Caged, options: RunOptions): Promise<Finished> {
  const { input, maxBytes, timeoutMs, signal, onStdout } = options;
  let timedOut = false;
  const { promise: unkillable, reject } = Promise.withResolvers<never>();
  const stop = () => void caged.kill(0).catch(reject);
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  const stdout = keepFirst(caged.stdout, maxBytes, onStdout && ((chunk) => onStdout(chunk) || stop()));
  const stderr = keepFirst(caged.stderr, maxBytes);
  caged.stdin.end(input ?? "");
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const { code, signal: endedBy } = await Promise.race([caged.exited, unkillable]).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  });
  throwIfStopped(caged);
  return {
    code,
    signal: endedBy,
    stdout: stdout.content(),
    stderr: stderr.content(),
    truncated: stdout.isCut() || stderr.isCut(),
    timedOut,
  };
}

/** What a cage printed that was stopped is nobody's to read: it may have seen what it should not. */
export function throwIfStopped({ stopped }: Pick<Caged, "stopped">): void {
  if (stopped !== null) throw new PaddockError("cage_stopped", stopped);
}

interface Kept {
  content(): Buffer;
  isCut(): boolean;
}

function keepFirst(stream: Readable, maxBytes: number, see?: (chunk: Buffer) => unknown): Kept {
  const chunks: Buffer[] = [];
  let size = 0;
  let cut = false;
  stream.on("data", (chunk: Buffer) => {
    const room = maxBytes - size;
    if (room > 0) chunks.push(room >= chunk.length ? chunk : chunk.subarray(0, room));
    if (chunk.length > room) cut = true;
    size = Math.min(maxBytes, size + chunk.length);
    see?.(chunk);
  });
  return { content: () => Buffer.concat(chunks), isCut: () => cut };
}
