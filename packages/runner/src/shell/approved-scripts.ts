/**
 * Scripts that the owner approved, and that lie where agents write: each is copied, the copy is held against what was approved,
 * and the run sees the copy in the script's place. Whatever becomes of the original by then, or while a shell reads it, the
 * text that runs is the one that was approved.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { constants, copyFile, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { PaddockError } from "@paddock/contract";
import type { ProgramFile } from "../approvals/program-files.ts";
import type { Mount } from "../sandbox/cage.ts";
import { isBeneath } from "../sandbox/paths.ts";

export interface HeldScripts {
  mounts: readonly Mount[];
  /** To be called when the run has ended. */
  release(): void;
}

const nothing: HeldScripts = { mounts: [], release: () => undefined };

/** `folder` is one that no agent reaches. Throws approval_stale when a script is not what was approved any more. */
export async function holdScripts(
  approved: readonly ProgramFile[],
  roots: readonly { path: string; write: boolean }[],
  folder: string,
): Promise<HeldScripts> {
  const scripts = approved.filter(({ path }) => roots.some((root) => root.write && isBeneath(root.path, path)));
  if (scripts.length === 0) return nothing;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const place = mkdtempSync(join(folder, "run-"));
  const release = () => rmSync(place, { recursive: true, force: true });
  try {
    const mounts = scripts.map(async (script, index) => copyOf(script, join(place, String(index))));
    return { mounts: await Promise.all(mounts), release };
  } catch (error) {
    release();
    throw error;
  }
}

async function copyOf({ path, digest }: ProgramFile, copy: string): Promise<Mount> {
  try {
    await copyFile(path, copy, constants.COPYFILE_EXCL);
    if ((await stat(copy)).isFile() && (await digestOf(copy)) === digest) return { path: copy, at: path, write: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  throw new PaddockError("approval_stale", `${path} is not what the owner approved any more.`);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await using opened = await open(file);
  await pipeline(opened.createReadStream({ autoClose: false }), hash);
  return hash.digest("hex");
}
