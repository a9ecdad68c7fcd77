/** Sixteen hex digits by which a file that was changed, or another of the same name, is told from the one before. */
import { createHash } from "node:crypto";
import type { Stats } from "node:fs";

export const tagOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string =>
  shortHash([dev, ino, size, mtimeMs, ctimeMs]);

export const shortHash = (of: readonly (string | number)[]): string =>
  createHash("sha256").update(JSON.stringify(of)).digest("hex").slice(0, 16);
