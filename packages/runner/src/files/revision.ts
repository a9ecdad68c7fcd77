/** A file's revision: what a caller gives back to say which content it means. */
import { hash, webcrypto } from "node:crypto";

const digits = 16;

/** The first 16 hex digits of the content's SHA-256. */
export const revisionOf = (content: Uint8Array | string): string => hash("sha256", content, "hex").slice(0, digits);

/** The same, worked out by another thread: for large content, while this one has something else to do with it. */
export async function revisionAside(content: Buffer): Promise<string> {
  const digest = await webcrypto.subtle.digest("SHA-256", content);
  return Buffer.from(digest).toString("hex").slice(0, digits);
}
