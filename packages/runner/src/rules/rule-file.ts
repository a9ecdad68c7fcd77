/** The owner's rule file on the disk: read only when nobody else could have written it, replaced as a whole, with what it was before kept beside it. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { invalid } from "./parse-rules.ts";

const maxBytes = 256 * 1024;

/** Changes with every change of the file; null when there is none. */
export type Stamp = string | null;

export function stampOf(path: string): Stamp {
  const state = statSync(path, { throwIfNoEntry: false });
  return state ? `${state.ino} ${state.size} ${state.mtimeMs} ${state.ctimeMs} ${state.mode} ${state.uid}` : null;
}

/** Null when there is no file. Throws invalid_config for one that cannot be trusted or read. */
export function readRuleFile(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    if (code === "ELOOP") throw invalid({ path }, null, "it is a link, and rules are read from the file itself only");
    throw invalid({ path }, null, `it cannot be read (${code})`);
  }
  try {
    const fault = faultOf(fstatSync(fd));
    if (fault) throw invalid({ path }, null, fault);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

function faultOf(state: Stats): string | null {
  if (!state.isFile()) return "it is no regular file";
  if (state.uid !== process.geteuid?.()) return "it belongs to another account";
  if ((state.mode & 0o022) !== 0) return "others can write it: chmod 600 is what it should have";
  return state.size > maxBytes ? `it is larger than ${maxBytes / 1024} KiB` : null;
}

/** Replaces the file atomically; what was there before is kept beside it, up to so many times. */
export function writeRuleFile(path: string, text: string, now: Date, backupsKept: number): void {
  const before = readRuleFile(path);
  const backups = join(dirname(path), "backups");
  if (before !== null) {
    mkdirSync(backups, { recursive: true, mode: 0o700 });
    writeDurably(join(backups, `policy-${now.toISOString().replaceAll(":", "-")}.toml`), before);
    dropOldBackups(backups, backupsKept);
  }
  const next = `${path}.next`;
  writeDurably(next, text);
  renameSync(next, path);
}

function writeDurably(path: string, text: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function dropOldBackups(folder: string, kept: number): void {
  const names = readdirSync(folder).filter((name) => /^policy-.*\.toml$/.test(name));
  for (const name of names.sort().slice(0, Math.max(names.length - kept, 0)))
    rmSync(join(folder, name), { force: true });
}
