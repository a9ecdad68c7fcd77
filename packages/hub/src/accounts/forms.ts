/** Forms of Paddock's own pages: read within bounds, and taken only when one of its pages has sent them. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { PaddockError } from "@paddock/contract";
import { readBody } from "../surfaces/body.ts";
import type { SignedIn } from "./owner.ts";

const maxFormBytes = 16 * 1024;

/** Throws too_large, and wrong_origin for what another page has sent, or something that is no browser. */
export async function readForm(request: IncomingMessage, publicUrl: string): Promise<URLSearchParams> {
  checkOrigin(request, publicUrl);
  if (!request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    throw new PaddockError("invalid_input", "The body is not a form.");
  }
  return new URLSearchParams((await readBody(request, maxFormBytes)).toString("utf8"));
}

/** The guard lets listed pages of others through; what a cookie decides is for Paddock's own pages alone. */
export function checkOrigin({ headers }: IncomingMessage, publicUrl: string): void {
  const { origin, host } = headers;
  if (origin !== undefined && (origin === new URL(publicUrl).origin || origin === `http://${host}`)) return;
  throw new PaddockError("wrong_origin", "This is only for pages of Paddock itself.", "Open the page and try again.");
}

/** Proves that a form was made for this sign-in and for this purpose. */
export const proofOf = (secret: string, { token }: SignedIn, purpose: string): string =>
  createHmac("sha256", secret).update(`form\0${token}\0${purpose}`).digest("base64url");

/** Throws wrong_origin. */
export function checkProof(given: string | null | undefined, expected: string): void {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(expected)];
  if (a.length === b.length && timingSafeEqual(a, b)) return;
  throw new PaddockError("wrong_origin", "The page is out of date.", "Open it again, then repeat what you did.");
}
