/** The hub that this machine has joined: where it is, how it is known, and the machine's own key. One file of the owner alone. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { machineId, PaddockError, publicKeyText } from "@paddock/contract";
import * as z from "zod";

const joinedHub = z.object({
  /** As it was given to `paddock join`. */
  url: z.string(),
  /** The hub's public key. */
  hub: publicKeyText,
  machine: machineId,
  /** What the hub called it when it joined. */
  name: z.string(),
  /** The owner has said that this address may be spoken to without TLS. */
  plain: z.boolean(),
  /** The machine's private key, PKCS 8 in PEM. */
  key: z.string(),
  /** Another key that the hub has been told of, and may know by now. */
  nextKey: z.string().optional(),
});
export type JoinedHub = z.infer<typeof joinedHub>;

export const joinedFile = (folder: string): string => join(folder, "hub.json");

/** Null for a machine that has joined none. Throws invalid_config for a file that says nothing. */
export function readJoined(folder: string): JoinedHub | null {
  const path = joinedFile(folder);
  try {
    return joinedHub.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new PaddockError(
      "invalid_config",
      `${path} cannot be read as the hub that this machine has joined.`,
      "Restore it, or join again with a new code: `paddock join URL CODE`.",
    );
  }
}

/** Forgets the hub, and the key that it knows. Returns whether there was one. */
export function forgetJoined(folder: string): boolean {
  const known = readJoined(folder) !== null;
  rmSync(joinedFile(folder), { force: true });
  return known;
}
