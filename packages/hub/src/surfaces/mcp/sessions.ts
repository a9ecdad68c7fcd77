/**
 * Session ids of the legacy era. An id is a handle that proves it was issued here, to this principal; nothing is kept about
 * it. So an id from before a restart goes on, a forged one is told from it, and forgotten sessions cost nothing. Only ids
 * that a client has ended itself are remembered, the last few thousand, until the hub is started anew.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { PaddockError } from "@paddock/contract";

const keyBytes = 32;
const nonceBytes = 15;
const maxEnded = 4096;
const shape = /^[A-Za-z0-9_-]{20}\.[A-Za-z0-9_-]{43}$/;

export interface Sessions {
  create(principal: string): string;
  isOpen(principal: string, id: string): boolean;
  end(id: string): void;
}

export function sessions(key: Buffer): Sessions {
  const ended = new Set<string>();
  return {
    create(principal) {
      const nonce = randomBytes(nonceBytes).toString("base64url");
      return `${nonce}.${sign(key, nonce, principal)}`;
    },
    isOpen(principal, id) {
      if (!shape.test(id) || ended.has(id)) return false;
      const [nonce = "", signature = ""] = id.split(".");
      return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(key, nonce, principal)));
    },
    end(id) {
      const [oldest] = ended;
      if (ended.size >= maxEnded && oldest !== undefined) ended.delete(oldest);
      ended.add(id);
    },
  };
}

const sign = (key: Buffer, nonce: string, principal: string): string =>
  createHmac("sha256", key).update(`mcp-session\0${nonce}\0${principal}`).digest("base64url");

/** The installation's key in the file `path`, made on first use, readable by its owner only. */
export async function sessionKey(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, "wx", 0o600);
    const key = randomBytes(keyBytes);
    await file.writeFile(key);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const key = await readFile(path);
  if (key.length === keyBytes) return key;
  throw new PaddockError(
    "invalid_config",
    `The key file ${path} has ${key.length} bytes instead of ${keyBytes}.`,
    "Remove the file; clients then open new sessions.",
  );
}
