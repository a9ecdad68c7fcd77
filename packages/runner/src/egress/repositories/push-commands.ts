/** What a push is about to change, read from the beginning of its body. */
import type { IncomingMessage } from "node:http";
import { PaddockError } from "@paddock/contract";

export interface PushHead {
  /** One for each branch or tag; none for a request that only tries whether it may push. */
  changes: { ref: string; from: string; to: string }[];
  /** The bytes that were read for it. */
  bytes: Buffer;
}

const maxHeadBytes = 256 * 1024;
const flush = "0000";

/** Throws invalid_input for what is not understood: it cannot be asked about. */
export async function readPushHead(request: IncomingMessage): Promise<PushHead> {
  if (request.headers["content-encoding"] !== undefined) throw odd("is packed");
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of piecesOf(request)) {
    bytes = Buffer.concat([bytes, chunk]);
    const lines = linesOf(bytes);
    if (lines) return { changes: lines.flatMap(changeIn), bytes };
    if (bytes.length > maxHeadBytes) throw odd("names too many branches");
  }
  throw odd("ends before it has begun");
}

/** Leaves the rest of the request to be read by another. */
async function* piecesOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
}

/** The lines up to the first flush; null while some are missing. */
function linesOf(bytes: Buffer): string[] | null {
  const lines: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const size = bytes.toString("latin1", at, at + 4);
    if (size === flush) return lines;
    const length = /^[0-9a-f]{4}$/.test(size) ? Number.parseInt(size, 16) : 0;
    if (length <= 4) throw odd("is not git's");
    if (at + length > bytes.length) return null;
    lines.push(bytes.toString("utf8", at + 4, at + length));
    at += length;
  }
  return null;
}

function changeIn(line: string): PushHead["changes"] {
  if (/^shallow [0-9a-f]{40,64}\n?$/.test(line)) return [];
  const [, from, to, ref] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/[^\0\n ]+)(?:\0|\n|$)/.exec(line) ?? [];
  if (from === undefined || to === undefined || ref === undefined) throw odd("is signed, or not git's");
  return [{ ref, from, to }];
}

const odd = (why: string): PaddockError => new PaddockError("invalid_input", `This push ${why}.`);
