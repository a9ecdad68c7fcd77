/** The code with which a machine joins: a secret that counts once, and what the hub's key has to be. */
import { randomBytes } from "node:crypto";
import { PaddockError } from "@paddock/contract";

export interface JoinCode {
  /** 128 random bits. */
  secret: string;
  /** Of the hub's public key. */
  hub: string;
}

const form = /^join_([\w-]{22})\.([\w-]{22})$/;

export const newSecret = (): string => randomBytes(16).toString("base64url");

export const joinCodeText = ({ secret, hub }: JoinCode): string => `join_${secret}.${hub}`;

/** Throws join_refused for what is no code. */
export function readJoinCode(text: string): JoinCode {
  const [, secret, hub] = form.exec(text.trim()) ?? [];
  if (secret === undefined || hub === undefined) {
    throw new PaddockError(
      "join_refused",
      "That is not a join code.",
      "Copy the whole line that `paddock machine invite` shows on the hub.",
    );
  }
  return { secret, hub };
}
