/** Ed25519 keys of hub and machines. The private half never leaves its file, which only the owner's account can read. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { PaddockError } from "@paddock/contract";

export interface LinkKey {
  /** The public half, its 32 bytes as base64url. */
  readonly publicKey: string;
  /** Signs the text; the signature as base64url. */
  sign(text: string): string;
  /** As it is kept in a file. */
  readonly pem: string;
}

export const newKey = (): LinkKey => keyFrom(generateKeyPairSync("ed25519").privateKey);

/** Throws for what is none. */
export const keyFromPem = (pem: string): LinkKey => keyFrom(createPrivateKey(pem));

/** The key in the file, or null when there is no such file. Throws invalid_config for a file that holds none. */
function readKey(path: string): LinkKey | null {
  try {
    return keyFrom(createPrivateKey(readFileSync(path)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new PaddockError("invalid_config", `${path} holds no key that can be used.`);
  }
}

/** The key in the file; made when there is none. */
export function keyAt(path: string): LinkKey {
  const known = readKey(path);
  if (known) return known;
  const fresh = newKey();
  writePrivate(path, fresh.pem);
  return fresh;
}

/** Replaces a file of the owner alone in one step, on the disk when it returns. */
export function writePrivate(path: string, text: string): void {
  // Another process that writes the same has a file of its own.
  const fresh = `${path}.${process.pid}.new`;
  const descriptor = openSync(fresh, "w", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Stands for a public key where it has to be short: 128 bits of its hash, so that no second key has the same. */
export const fingerprintOf = (publicKey: string): string =>
  createHash("sha256").update("paddock key\n").update(publicKey).digest().subarray(0, 16).toString("base64url");

function keyFrom(privateKey: KeyObject): LinkKey {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  if (x === undefined || privateKey.asymmetricKeyType !== "ed25519") throw new Error("the key is no Ed25519 key");
  return {
    publicKey: x,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64url"),
    get pem() {
      return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    },
  };
}
