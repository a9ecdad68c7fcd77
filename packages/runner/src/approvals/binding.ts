/**
 * What an approval stands for: every fact that decides what would happen. They are taken when the owner is asked and again just
 * before the start; where one differs, what was approved is not what would run.
 */
import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Request } from "@paddock/policy";
import { readScript } from "../gate/shell-text.ts";
import { digestOf } from "./digest.ts";
import { type ProgramFile, programFiles } from "./program-files.ts";

export interface Facts {
  /** Tool, caller, place, profile and wishes. */
  request: Request;
  /** SHA-256 of the parsed input, defaults filled in. */
  input: string;
  /** Device and inode of the directory that it starts in. */
  directory: string;
  /** The programs and scripts that a command would run, by their content. */
  programs: readonly ProgramFile[];
  /** SHA-256 of what an edit would change, as it was shown. */
  diff?: string;
}

/** Throws when the directory cannot be reached. `folders` are those in which the run would look for programs. */
export async function factsOf(
  request: Request,
  input: object,
  diff: string | undefined,
  folders: readonly string[],
): Promise<Facts> {
  const { command, directory = request.workspace } = request.wants;
  const { dev, ino } = await stat(directory, { bigint: true });
  return {
    request,
    input: digestOf(input),
    directory: `${dev}:${ino}`,
    programs: command === undefined ? [] : await programFiles(readScript(command), { directory, folders }),
    ...(diff === undefined ? {} : { diff: digestOf({ diff }) }),
  };
}

/** Fits one question only: neither another one, nor the same one after a restart. */
export const bindingOf = (facts: Facts): string => digestOf({ facts, nonce: randomBytes(32).toString("hex") });

/** The names of the facts that differ. */
export function changedIn(before: Facts, now: Facts): string[] {
  const names = Object.keys({ ...before, ...now }) as (keyof Facts)[];
  return names.filter((name) => digestOf({ value: before[name] }) !== digestOf({ value: now[name] }));
}
