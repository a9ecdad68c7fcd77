/** Reading a request's body whole, within a limit. What is over the limit is never kept. */
import type { IncomingMessage } from "node:http";
import { PaddockError } from "@paddock/contract";
import { hasTooManyValues } from "./json-values.ts";

export const maxBodyBytes = 16 * 1024 * 1024;

/** Throws too_large as soon as that is known, and unavailable when the client went away. */
export function readBody(request: IncomingMessage, maxBytes = maxBodyBytes): Promise<Buffer> {
  if (isDeclaredTooLarge(request, maxBytes)) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const take = (piece: Buffer): void => {
      bytes += piece.length;
      if (bytes <= maxBytes) {
        pieces.push(piece);
        return;
      }
      pieces.length = 0;
      request.off("data", take);
      reject(tooLarge(maxBytes));
    };
    request.on("data", take);
    request.on("end", () => resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)));
    request.on("error", () => reject(new PaddockError("unavailable", "The request ended early.")));
  });
}

export const isDeclaredTooLarge = (request: IncomingMessage, maxBytes = maxBodyBytes): boolean =>
  Number(request.headers["content-length"] ?? 0) > maxBytes;

/** Throws invalid_json and too_large. An empty body stands for an empty object. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (hasTooManyValues(body)) throw new PaddockError("too_large", "The body holds more values than any call needs.");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new PaddockError(
      "invalid_json",
      `The body is not valid JSON: ${error instanceof Error ? error.message.slice(0, 120) : ""}`,
    );
  }
}

const tooLarge = (maxBytes: number): PaddockError =>
  new PaddockError("too_large", `A request to this address has at most ${maxBytes / 1024} KiB.`);

/** How long a refused upload is read and thrown away, so that the client gets to see the answer. */
const drainMs = 10_000;

/** Reads what is left of a refused request and keeps nothing of it; ends the connection when that takes too long. */
export function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), drainMs).unref();
  request.once("close", () => clearTimeout(timer));
}
