/** A folder for the trial at start: a root with something hidden and a repository in it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";

export interface ProbeGround extends Disposable {
  paddockHome: string;
  /** Shown writable; holds `hidden` and `.git`. */
  folder: string;
}

/** Throws cannot_enforce where there is no room for temporary files. */
export function makeProbeGround(paddockHome: string): ProbeGround {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "hidden"), "seen");
  mkdirSync(join(folder, ".git", "hooks"), { recursive: true });
  writeFileSync(join(folder, ".git", "config"), "");
  return { paddockHome, folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function temporaryFolder(): string {
  try {
    return realpathSync(mkdtempSync(join(tmpdir(), "paddock-probe-")));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PaddockError(
      "cannot_enforce",
      `The sandbox cannot be tried: ${tmpdir()} cannot be written (${code}).`,
      "Make it writable, or set TMPDIR to a folder that is.",
    );
  }
}
