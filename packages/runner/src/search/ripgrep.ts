/** Runs ripgrep in a cage that shows the searched root read-only and nothing else of the workspace's machine. */
import { randomBytes } from "node:crypto";
import { closeSync, constants, mkdirSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { looksSecret } from "@paddock/policy";
import type { Located, Roots } from "../files/roots.ts";
import type { Cages, Finished } from "../sandbox/cage.ts";
import type { Call } from "../tools/handler.ts";
import { type Filter, filterOptions } from "./filter.ts";
import { records } from "./records.ts";

export interface Ripgrep {
  cages: Cages;
  /** Absolute path of the program. */
  program: string;
  /** Directory for files that live for one search; made when it is missing, and no cage shows it. */
  scratch: string;
  timeoutSeconds: number;
}

export interface Search {
  /** Options before the operand; no value of a caller stands alone in here. */
  options: readonly string[];
  /** What to search: a directory, or a file when `name` is given. */
  base: Base;
  filter: Filter;
  /** The byte that ends each record. */
  recordEnd: number;
  /** The records tell of what lies in files, and begin with the path and a NUL byte or hold nothing but the path. */
  looksInside?: boolean;
  /** Takes a record; false ends the search. */
  receive(record: Buffer): boolean;
}

export interface Base {
  /** Real directory to start in. */
  directory: string;
  root: string;
  /** The only file to search in. */
  name?: string;
}

export interface Searched {
  /** The receiver wanted no more. */
  stopped: boolean;
  timedOut: boolean;
  /** Files with matches that are not told of, because their names say that they hold secrets. */
  leftOut: number;
}

const mostRecordBytes = 64 * 1024;
const mostErrorBytes = 64 * 1024;
/** Where the first inherited descriptor is found by the program. */
const ignoreFileInside = "/proc/self/fd/3";

/** The real directory, or directory and file, that a path names. */
export async function baseOf(roots: Roots, place: Located): Promise<Base> {
  const real = await roots.real(place);
  const state = await roots.stat(real);
  if (state?.type === "directory") return { directory: real.absolute, root: real.root };
  if (state?.type !== "file")
    throw new PaddockError("not_a_file", `Neither a directory nor a regular file: ${place.absolute}`);
  const cut = real.absolute.lastIndexOf("/");
  return { directory: real.absolute.slice(0, cut) || "/", root: real.root, name: real.absolute.slice(cut + 1) };
}

export async function search(ripgrep: Ripgrep, call: Call, wanted: Search): Promise<Searched> {
  const { base } = wanted;
  const { options, ignoreFile } = filterOptions(wanted.filter, base.directory, call.roots.hidden);
  const fd = ignoreFile === null ? null : unlinkedFile(ripgrep.scratch, ignoreFile);
  let stopped = false;
  const secrets = secretsIn(wanted);
  const stream = records(wanted.recordEnd, mostRecordBytes, (record) => {
    stopped = !secrets.holds(record) && !wanted.receive(record);
    return !stopped;
  });
  try {
    const finished = await ripgrep.cages.run(
      {
        argv: [
          ripgrep.program,
          "--no-config",
          "--color=never",
          ...options,
          ...(ripgrep.cages.kind !== "none" ? aboveRoot(base) : []),
          ...(fd === null ? [] : [`--ignore-file=${ignoreFileInside}`]),
          ...wanted.options,
          "--",
          `./${base.name ?? ""}`,
        ],
        cwd: base.directory,
        ...viewOf(base),
        bare: true,
        domain: call.domain,
        mounts: [{ path: ripgrep.program, write: false }],
        inherit: fd === null ? [] : [fd],
      },
      {
        maxBytes: mostErrorBytes,
        timeoutMs: ripgrep.timeoutSeconds * 1000,
        signal: call.signal,
        onStdout: (piece) => stream.push(piece),
      },
    );
    if (call.signal.aborted) throw new PaddockError("cancelled", "The search was cancelled.");
    if (!stopped && !finished.timedOut) check(finished);
    return { stopped, timedOut: finished.timedOut, leftOut: secrets.count() };
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** Files that hold secrets by their names are asked about when they are named, and left out when they are not. */
function secretsIn({ looksInside, base }: Search): { holds(record: Buffer): boolean; count(): number } {
  if (!looksInside || base.name !== undefined) return { holds: () => false, count: () => 0 };
  const below = base.directory.slice(base.root === "/" ? 0 : base.root.length);
  let last: Buffer | null = null;
  let isSecret = false;
  let count = 0;
  return {
    holds(record) {
      const nul = record.indexOf(0);
      const path = nul === -1 ? record : record.subarray(0, nul);
      if (last?.equals(path)) return isSecret;
      last = Buffer.from(path);
      isSecret = looksSecret(`${below}/${path.toString("utf8")}`);
      count += isSecret ? 1 : 0;
      return isSecret;
    },
    count: () => count,
  };
}

/** The root of the whole machine is searched in a cage that shows the machine; any other is all that its cage shows. */
const viewOf = ({ root }: Base) =>
  root === "/"
    ? { profile: "open" as const, roots: [] }
    : { profile: "readonly" as const, roots: [{ path: root, write: false }] };

/** A cage shows no ignore file above a root. Saying so where the search starts at one spares ripgrep a look for each file. */
const aboveRoot = ({ directory, root }: Base): string[] => (directory === root ? ["--no-ignore-parent"] : []);

function unlinkedFile(directory: string, text: string): number {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `search-${randomBytes(8).toString("hex")}`);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  unlinkSync(path);
  writeSync(fd, text);
  return fd;
}

const patternFault = /regex parse error|compiled regex exceeds|is not allowed in a regex|error parsing glob/;

function check({ code, signal, stderr }: Finished): void {
  const words = stderr.toString("utf8").trim();
  if (code === 0 || code === 1) return;
  if (code === 2 && patternFault.test(words))
    throw new PaddockError("invalid_pattern", words.replace(/^rg: /, "").slice(0, 2000));
  // Some file could not be read; the rest was searched.
  if (code === 2 && words.includes("(os error ")) return;
  if (code === null)
    throw new PaddockError(
      "unavailable",
      `The search was ended by the system (${signal ?? "unknown"}).`,
      "Search a smaller directory, or a simpler pattern.",
    );
  throw new Error(`ripgrep ended with ${code}: ${words.slice(0, 2000)}`);
}
