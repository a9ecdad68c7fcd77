/** Whether somebody has the key that they say they have. */
import { createPublicKey, verify } from "node:crypto";

/** Whether the owner of that Ed25519 public key, in base64url, has signed the text. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"));
  } catch {
    return false; // not even a key
  }
}
