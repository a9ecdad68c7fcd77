/** The end of a transfer that gets the file: asks for what it does not have yet, and gives it its name when the hash is right. */
import { createHash, type Hash } from "node:crypto";
import { read } from "node:fs";
import type { Duplex } from "node:stream";
import { promisify } from "node:util";
import { PaddockError } from "@paddock/contract";
import { giveBack } from "@paddock/link";
import type { Part } from "../files/roots.ts";
import { Heard, line, offer, proof, say } from "./said.ts";

const readLater = promisify(read);
const pieceBytes = 1024 * 1024;

export interface Received {
  size: number;
  sha256: string;
  resumedFrom: number;
}

/** `open` gives the part that there is of a file with that tag. Throws transfer_broken, and what the sender's end says failed. */
export async function receive(stream: Duplex, open: (tag: string) => Part, signal: AbortSignal): Promise<Received> {
  const heard = new Heard(stream);
  const offered = await heard.line(offer);
  if ("failed" in offered) {
    const { code, message, nextStep } = offered.failed;
    throw new PaddockError(code, message, nextStep);
  }
  const { size, tag } = offered;
  using part = open(tag);
  if (part.size > size) await part.restart();
  const resumedFrom = part.size;
  const hash = createHash("sha256");
  await addWhatIsThere(part, hash, signal);
  await say(stream, line({ start: resumedFrom }));
  while (part.size < size) {
    signal.throwIfAborted();
    const piece = await heard.bytes(size - part.size);
    // One is worked out while the other is on its way to the disk.
    const kept = part.append(piece);
    hash.update(piece);
    await kept;
    giveBack(piece);
  }
  const { sha256 } = await heard.line(proof);
  if (hash.digest("hex") !== sha256) {
    part.drop();
    throw new PaddockError("transfer_broken", "What has arrived is not what was sent.", "Call again: it begins anew.");
  }
  await part.settle();
  return { size, sha256, resumedFrom };
}

async function addWhatIsThere({ fd, size }: Part, hash: Hash, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(size, pieceBytes));
  for (let at = 0; at < size; ) {
    signal.throwIfAborted();
    const { bytesRead } = await readLater(fd, buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) throw new PaddockError("transfer_broken", "The part that had arrived was cut meanwhile.");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
