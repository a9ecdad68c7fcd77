/** What the runner keeps as JSON in a file of the owner's account alone: read whole, replaced whole, on the disk when written. */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeWhole } from "@paddock/audit";
import { PaddockError } from "@paddock/contract";
import type * as z from "zod";

export interface KeptFile<T> {
  /** Null when there is none. Throws invalid_config for a damaged one, without its content, which may be secret. */
  read(): T | null;
  write(value: T): void;
}

/** `repair` says what the owner can do about a damaged file. */
export const keptFile = <T>(path: string, schema: z.ZodType<T>, repair: string): KeptFile<T> => ({
  read() {
    const text = textOf(path);
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      throw new PaddockError("invalid_config", `${path} is damaged.`, repair);
    }
  },
  write(value) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
  },
});

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
