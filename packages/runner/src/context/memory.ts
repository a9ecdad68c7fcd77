/**
 * Project memory: the instruction files of a workspace and its owner, with what they import. Read beneath the roots,
 * bounded in number, lines and bytes; text for the model to take into account, never authority.
 */
import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import type { Located, Roots } from "../files/roots.ts";
import { importsOf } from "./imports.ts";
import { rulesOf } from "./rules.ts";
import { cutBytes, placeOf, type TextHead, textHead } from "./text-head.ts";

export interface MemoryFile {
  /** Relative to the workspace where it lies below it. */
  path: string;
  source: "owner" | "project" | "import" | "rule";
  content: string;
  truncated: boolean;
}

export interface MemoryLimits {
  maxBytes: number;
  maxLines: number;
}

/** In the order in which they are read; the first that says something counts first where space is short. */
export const memoryNames = ["AGENTS.md", "CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"] as const;

const maxFiles = 32;
const maxImportDepth = 5;

export interface MemoryPlace extends MemoryLimits {
  roots: Roots;
  workspace: string;
  /** The owner's own instructions for every workspace, outside of the roots. */
  ownerFile: string;
}

export async function loadMemory(place: MemoryPlace): Promise<MemoryFile[]> {
  const gathered = new Gathered(place);
  gathered.add(place.ownerFile, "owner", readOwnerFile(place.ownerFile, place.maxBytes));
  for (const name of memoryNames) await gathered.follow(name, place.workspace, "project", 0);
  for (const rule of await rulesOf(place.roots, place.workspace)) {
    if (rule.globs.length === 0) gathered.add(rule.path, "rule", { text: rule.content, truncated: rule.truncated });
  }
  return gathered.files;
}

function readOwnerFile(file: string, maxBytes: number): TextHead | null {
  try {
    return cutBytes(readFileSync(file, "utf8"), maxBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Files found so far, with what is left of the limits. */
class Gathered {
  readonly files: MemoryFile[] = [];
  readonly #place: MemoryPlace;
  readonly #seen = new Set<string>();
  readonly #said = new Set<string>();
  #bytesLeft: number;

  constructor(place: MemoryPlace) {
    this.#place = place;
    this.#bytesLeft = place.maxBytes;
  }

  add(path: string, source: MemoryFile["source"], head: TextHead | null): void {
    const text = head?.text.trim() ?? "";
    if (head === null || text === "" || this.#said.has(text) || this.#full) return;
    this.#said.add(text);
    const lines = text.split("\n", this.#place.maxLines + 1);
    const kept = cutBytes(lines.slice(0, this.#place.maxLines).join("\n"), this.#bytesLeft);
    this.#bytesLeft = kept.truncated ? 0 : this.#bytesLeft - Buffer.byteLength(kept.text);
    const truncated = head.truncated || kept.truncated || lines.length > this.#place.maxLines;
    this.files.push({ path, source, content: kept.text, truncated });
  }

  /** Adds a file, then what it imports. A file counts once, so that circles end. */
  async follow(path: string, from: string, source: "project" | "import", depth: number): Promise<void> {
    const { roots, workspace, maxBytes } = this.#place;
    const place = placeOf(roots, path, from);
    if (!place || this.#seen.has(place.absolute) || this.#full) return;
    this.#seen.add(place.absolute);
    const head = await textHead(roots, place, maxBytes);
    if (!head) return;
    this.add(shownPath(place, workspace), source, head);
    if (depth >= maxImportDepth) return;
    for (const wanted of importsOf(head.text)) await this.follow(wanted, dirname(place.absolute), "import", depth + 1);
  }

  get #full(): boolean {
    return this.files.length >= maxFiles || this.#bytesLeft <= 0;
  }
}

/** A path as the model should name it. */
export function shownPath(place: Located, workspace: string): string {
  const below = relative(workspace, place.absolute);
  return below === "" || below.startsWith("..") ? place.absolute : below;
}
