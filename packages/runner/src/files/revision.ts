/** A file's revision: what a caller gives back to say which content it means. */
import { hash } from "node:crypto";

/** The first 16 hex digits of the content's SHA-256. */
export const revisionOf = (content: Uint8Array | string): string => hash("sha256", content, "hex").slice(0, 16);
