/** A folder for the trial at start: a root with something hidden and a repository in it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ProbeGround extends Disposable {
  paddockHome: string;
  /** Shown writable; holds `hidden` and `.git`. */
  folder: string;
}

export function makeProbeGround(paddockHome: string): ProbeGround {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paddock-probe-")));
  writeFileSync(join(folder, "hidden"), "seen");
  mkdirSync(join(folder, ".git", "hooks"), { recursive: true });
  writeFileSync(join(folder, ".git", "config"), "");
  return { paddockHome, folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
