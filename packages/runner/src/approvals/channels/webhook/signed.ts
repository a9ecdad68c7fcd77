/**
 * Messages between the runner and the owner's own service, signed in both directions as https://www.standardwebhooks.com says,
 * so that a service can use any of its libraries: an HMAC-SHA256 over id, time and body.
 */
import { createHmac } from "node:crypto";
import { isSame } from "../same-text.ts";

const idHeader = "webhook-id";
const timeHeader = "webhook-timestamp";
const signatureHeader = "webhook-signature";
const scheme = "v1";
const longestSignatures = 1024;

/** The key of a secret: as it stands, or the bytes after `whsec_`. */
export const keyOf = (secret: string): Buffer =>
  secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);

export function signedHeaders(key: Buffer, id: string, seconds: number, body: string): Record<string, string> {
  const time = String(seconds);
  return { [idHeader]: id, [timeHeader]: time, [signatureHeader]: `${scheme},${signature(key, id, time, body)}` };
}

/** Whether one of the signatures is of this key. How old it is is not looked at: an answer names a question, which is. */
export function isSigned(key: Buffer, header: (name: string) => string, body: string): boolean {
  const given = header(signatureHeader).slice(0, longestSignatures).split(" ");
  const right = `${scheme},${signature(key, header(idHeader), header(timeHeader), body)}`;
  return given.some((one) => isSame(one, right));
}

const signature = (key: Buffer, id: string, time: string, body: string): string =>
  createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64");
