/**
 * One-time codes to set the owner's password with in a browser. They are made on the machine, are good for a quarter of an
 * hour and for one use, and are gone with the process.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";

export interface SetUpCodes {
  /** A new code; the one before ends. */
  make(now: number): { code: string; expiresAt: string };
  /** Whether it is the code; it is used up then. */
  take(code: string, now: number): boolean;
}

const lifeMs = 15 * 60_000;

export function openSetUpCodes(): SetUpCodes {
  let current: { digest: Buffer; until: number } | null = null;
  return {
    make(now) {
      const code = randomBytes(20).toString("base64url");
      current = { digest: digestOf(code), until: now + lifeMs };
      return { code, expiresAt: new Date(current.until).toISOString() };
    },
    take(code, now) {
      if (!current || now >= current.until || !timingSafeEqual(current.digest, digestOf(code.trim()))) return false;
      current = null;
      return true;
    },
  };
}

const digestOf = (code: string): Buffer => hash("sha256", code, "buffer");
