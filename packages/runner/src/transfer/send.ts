/** The end of a transfer that has the file: says what it is like, sends what is wanted of it, and the hash of the whole. */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { PaddockError } from "@paddock/contract";
import { Heard, line, say, wish } from "./said.ts";
import { tagOf } from "./tag.ts";

const pieceBytes = 512 * 1024;

export interface Sent {
  size: number;
  sha256: string;
}

/** Throws changed_meanwhile where the file is not the same at the end, and transfer_broken. */
export async function send(file: FileHandle, stream: Duplex, signal: AbortSignal): Promise<Sent> {
  const before = await file.stat();
  const { size } = before;
  const tag = tagOf(before);
  await say(stream, line({ size, tag }));
  const { start } = await new Heard(stream).line(wish);
  const hash = createHash("sha256");
  let said = Promise.resolve();
  for (let at = 0; at < size; ) {
    const wanted = Math.min(pieceBytes, (at < start ? Math.min(start, size) : size) - at);
    // While one piece waits for room the next is read.
    const [{ bytesRead, buffer }] = await Promise.all([file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at), said]);
    signal.throwIfAborted();
    if (bytesRead === 0) throw changed();
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    if (at >= start) said = say(stream, piece);
    at += bytesRead;
  }
  await said;
  if (tagOf(await file.stat()) !== tag) throw changed();
  const sha256 = hash.digest("hex");
  await say(stream, line({ sha256 }));
  stream.end();
  return { size, sha256 };
}

const changed = (): PaddockError =>
  new PaddockError("changed_meanwhile", "The file was changed while it was sent.", "Call again when it is left alone.");
