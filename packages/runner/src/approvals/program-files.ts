/**
 * The files that a command would run: its programs as they are found on this machine, the scripts that it names, and what its
 * build tools read by themselves. Each is named by its content, so that an approval does not outlive a change of one.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, type FileHandle, open, realpath } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import type { Invocation, Script } from "@paddock/policy";
import { placesOf } from "../gate/executables.ts";

export interface ProgramFile {
  /** Links followed. */
  path: string;
  /** SHA-256 of the content; for a file that is too large to read, what its inode says of it. */
  digest: string;
}

export interface ProgramPlace {
  /** Where the command starts. */
  directory: string;
  /** Those in which programs are looked for, in order. */
  folders: readonly string[];
}

/** Stands for the files that are not looked at one by one. */
export const moreFiles = "...";

/** Larger files are programs, not scripts: their inode tells that they were written or exchanged. */
const maxReadBytes = 64 * 1024 * 1024;
const maxFiles = 64;
const pieceBytes = 256 * 1024;

/** In the order of the command, each once. A command that names more of them than are looked at has an entry that says so. */
export async function programFiles(script: Script, place: ProgramPlace): Promise<ProgramFile[]> {
  const directories = [place.directory];
  for (const next of script.directories.slice(0, maxFiles)) directories.push(resolve(directories.at(-1) ?? "/", next));
  const wanted = script.invocations.flatMap((invocation) => candidatesOf(invocation, directories, place.folders));
  const files = new Map<string, ProgramFile>();
  for (const candidate of new Set(wanted)) {
    if (files.size >= maxFiles) return [...files.values(), { path: moreFiles, digest: String(wanted.length) }];
    const file = await fileAt(candidate.path, candidate.must);
    if (file) files.set(file.path, file);
  }
  return [...files.values()];
}

interface Candidate {
  path: string;
  /** It is run whatever it looks like; other arguments count only when they look like a script. */
  must: boolean;
}

function candidatesOf(
  { program, args, kind }: Invocation,
  directories: readonly string[],
  folders: readonly string[],
): Candidate[] {
  if (program === null) return [];
  const below = (path: string, must: boolean): Candidate[] =>
    isAbsolute(path) ? [{ path, must }] : directories.map((directory) => ({ path: join(directory, path), must }));
  const named = args.filter((arg): arg is string => arg !== null && arg !== "" && !arg.startsWith("-"));
  const runs = interpreters.test(basename(program));
  return [
    // All of them: where one comes to lie before the one that is there now, it is that which would run.
    ...(kind === "builtin" ? [] : placesOf(program, folders, directories).map((path) => ({ path, must: true }))),
    ...named.flatMap((arg) => below(arg, runs)),
    ...(ownFiles[basename(program)] ?? []).flatMap((name) => below(name, true)),
  ];
}

/** They run the files that are named to them. */
const interpreters =
  /^(?:bash|dash|sh|zsh|ksh|fish|source|\.|python[\d.]*|node|deno|bun|ruby|perl|php|lua|tclsh|make|gmake|awk|gawk|sed|env)$/;

/** What is read without being named. */
const ownFiles: Readonly<Record<string, readonly string[]>> = {
  make: ["GNUmakefile", "makefile", "Makefile"],
  gmake: ["GNUmakefile", "makefile", "Makefile"],
  npm: ["package.json"],
  npx: ["package.json"],
  pnpm: ["package.json"],
  yarn: ["package.json"],
  just: ["justfile", "Justfile"],
  cargo: ["Cargo.toml", "build.rs"],
  docker: ["Dockerfile", "compose.yaml", "docker-compose.yml"],
};

/** Null for what is not there, is no plain file, or does not look like something that is run. */
async function fileAt(path: string, must: boolean): Promise<ProgramFile | null> {
  try {
    const real = await realpath(path);
    // A pipe would hold whoever opens it.
    await using file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const { dev, ino, size, mtimeNs, ctimeNs } = await plain(file);
    if (!must && !(await looksRun(file, real))) return null;
    return {
      path: real,
      digest: size > maxReadBytes ? `inode ${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}` : await digestOf(file),
    };
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function plain(file: FileHandle) {
  const stat = await file.stat({ bigint: true });
  if (stat.isFile()) return stat;
  throw Object.assign(new Error("not a plain file"), { code: "ENOENT" });
}

async function looksRun(file: FileHandle, path: string): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  if (bytesRead === 2 && buffer.toString("latin1") === "#!") return true;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Read anew each time: a program that has mapped a file changes it without a trace in its inode. */
async function digestOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at <= maxReadBytes; ) {
    const { bytesRead } = await file.read(piece, 0, pieceBytes, at);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest("hex");
}

const absent: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "EACCES",
  "ELOOP",
  "ENAMETOOLONG",
  "ENXIO",
  "EISDIR",
  "EINVAL",
]);
const isAbsent = (error: unknown): boolean => absent.has((error as NodeJS.ErrnoException).code ?? "");
