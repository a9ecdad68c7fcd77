/** The file that holds a definition. */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Definition } from "./definition.ts";

export type Found = "absent" | "same" | "other";

export function lookFor({ path, text, encoding }: Definition): Found {
  try {
    return readFileSync(path, encoding) === text ? "same" : "other";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "absent";
    throw error;
  }
}

/** Where what stood there before is kept. */
export const keptOf = ({ path }: Definition): string => `${path}.before`;

/** Writes it as a whole or not at all. It holds no secret, and is the owner's to write. */
export function writeDefinition(definition: Definition, found: Found): void {
  const { path, text, encoding } = definition;
  if (found === "same") return;
  mkdirSync(dirname(path), { recursive: true });
  if (found === "other") renameSync(path, keptOf(definition));
  const next = `${path}.next`;
  writeFileSync(next, text, { encoding });
  chmodSync(next, 0o644);
  renameSync(next, path);
}
