/**
 * The key of a log's writer, and the end of the log that it signed last. The key never leaves its file; whoever has the
 * public half can tell that a head is this log's.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ChainHead, PaddockError, type SignedHead, signedHead } from "@paddock/contract";
import { writeWhole } from "./files.ts";

export interface Seal {
  /** The public key. */
  readonly key: string;
  /** What was signed last; null when that file is gone. */
  readonly latest: SignedHead | null;
  /** Signs the head, and keeps it beside the log. */
  sign(head: ChainHead): SignedHead;
}

const keyFile = (folder: string): string => join(folder, "audit.key");
const headFile = (folder: string): string => join(folder, "audit.head.json");

/** Makes the key when there is none; `end` is where the log ends then. Throws audit_unavailable for a key that is none. */
export function openSeal(folder: string, end: ChainHead): Seal {
  const known = readKey(folder);
  const { privateKey, key } = known ?? generateKey();
  let latest = known ? signedEnd(folder) : null;
  const seal: Seal = {
    key,
    get latest() {
      return latest;
    },
    sign({ seq, hash }) {
      const unsigned = { key, seq, hash, at: new Date().toISOString() };
      latest = { ...unsigned, signature: signBytes(null, statement(unsigned), privateKey).toString("base64url") };
      writeWhole(headFile(folder), JSON.stringify(latest));
      return latest;
    },
  };
  if (known) return seal;
  // The head before the key: a key without a head shows that the head was taken away.
  seal.sign(end);
  writeWhole(keyFile(folder), privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return seal;
}

/** The public key of the log in that folder; null when it has none. */
export const keyOf = (folder: string): string | null => readKey(folder)?.key ?? null;

/** The head that lies beside a log, as it stands there; null for none, or for a file that is not one. */
export const signedEnd = (folder: string): SignedHead | null => readHead(headFile(folder));

/** A signed head from a file; null when there is none. */
export function readHead(path: string): SignedHead | null {
  try {
    return signedHead.safeParse(JSON.parse(readFileSync(path, "utf8"))).data ?? null;
  } catch {
    return null;
  }
}

/** A head from a file that somebody brought; null for what is none, or is not signed by the key it names. */
export function headIn(path: string): SignedHead | null {
  const head = readHead(path);
  return head && isSigned(head) ? head : null;
}

/** Whether the key that a head names has signed it. */
export function isSigned(head: SignedHead): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: head.key }, format: "jwk" });
    return verifyBytes(null, statement(head), publicKey, Buffer.from(head.signature, "base64url"));
  } catch {
    return false; // not even a key
  }
}

const statement = ({ key, seq, hash, at }: Omit<SignedHead, "signature">): Buffer =>
  Buffer.from(`paddock audit head 1\n${key}\n${seq}\n${hash}\n${at}\n`);

const generateKey = () => withPublic(generateKeyPairSync("ed25519").privateKey);

function readKey(folder: string) {
  try {
    return withPublic(createPrivateKey(readFileSync(keyFile(folder))));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new PaddockError("audit_unavailable", `${keyFile(folder)} holds no key that can be used.`);
  }
}

function withPublic(privateKey: KeyObject) {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  if (x === undefined) throw new Error("the key is no Ed25519 key");
  return { privateKey, key: x };
}
