/** The key of a device that answers questions: made and kept on it, in a file that only its owner reads. */
import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import {
  type ApprovalAnswer,
  canonicalJson,
  type DeviceSignature,
  PaddockError,
  publicKeyText,
  type ShownQuestion,
  signedText,
} from "@paddock/contract";
import * as z from "zod";

/** The parts of a JSON web key of Ed25519, as they are kept. */
const deviceKey = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: publicKeyText, d: publicKeyText });
type DeviceKey = z.infer<typeof deviceKey>;

/** Makes a key in a new file, and returns its public half. Throws path_exists. */
export function makeDeviceKey(file: string): string {
  const key = deviceKey.parse(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
  try {
    writeFileSync(file, `${JSON.stringify(key)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new PaddockError("path_exists", `${file} is there already.`, "Name a file that is not there.");
  }
  return key.x;
}

/** Throws permission_denied for a file that others can read, and invalid_input for one that holds no key. */
export function readDeviceKey(file: string): DeviceKey {
  const fault = new PaddockError("invalid_input", `${file} holds no device key.`, "`paddock device new` makes one.");
  try {
    if ((lstatSync(file).mode & 0o077) !== 0) {
      throw new PaddockError("permission_denied", `Others can read ${file}.`, `Take that away: chmod 600 ${file}`);
    }
    return deviceKey.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw error instanceof PaddockError ? error : fault;
  }
}

export function signAnswer(key: DeviceKey, question: ShownQuestion, answer: ApprovalAnswer): DeviceSignature {
  const signature = sign(null, Buffer.from(signedText(question, answer)), createPrivateKey({ key, format: "jwk" }));
  return { publicKey: key.x, signature: signature.toString("base64url") };
}

/** Stands for the whole question as it was shown: who answers says it again, so that no other one is signed in its place. */
export const seenCode = (question: ShownQuestion): string =>
  createHash("sha256").update(canonicalJson(question)).digest("hex").slice(0, 20);
