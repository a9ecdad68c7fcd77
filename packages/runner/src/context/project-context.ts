/** What an agent should have read before it works in a project, within limits of depth, number and size. */
import type { Located, Roots } from "../files/roots.ts";
import { type MemoryFile, shownPath } from "./memory.ts";
import { cutBytes, placeOf, textHead } from "./text-head.ts";
import { entriesOf, walk } from "./walk.ts";

export interface ContextFile {
  path: string;
  source: MemoryFile["source"] | "configuration";
  content: string;
  truncated: boolean;
}

export interface ContextLimits {
  maxDepth: number;
  maxBytesPerFile: number;
  maxFiles: number;
}

/** Looked for in each directory, in this order. */
const instructionNames = [
  "AGENTS.md",
  "CLAUDE.md",
  "CLAUDE.local.md",
  ".claude/CLAUDE.md",
  "README.md",
  ".github/copilot-instructions.md",
  ".cursorrules",
];
const configurationNames = [".claude/settings.json", ".codex/config.toml"];
/** At the top only: what says how the project is built and tested. */
const manifestNames = ["package.json", "pyproject.toml", "Cargo.toml", "go.mod", "Makefile"];
const cursorRules = ".cursor/rules";

const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", "build", "target", "vendor", "__pycache__"]);
const maxDirectories = 2000;
const maxTotalBytes = 1024 * 1024;

interface Candidate {
  place: Located;
  source: ContextFile["source"];
}

export async function projectContext(
  roots: Roots,
  workspace: string,
  start: Located,
  memory: readonly MemoryFile[],
  limits: ContextLimits,
): Promise<{ files: ContextFile[]; truncated: boolean }> {
  const files: ContextFile[] = [];
  const seen = new Set<string>();
  let bytesLeft = maxTotalBytes;

  function add(path: string, source: ContextFile["source"], content: string, truncated: boolean): void {
    seen.add(path);
    const kept = cutBytes(content, Math.min(limits.maxBytesPerFile, bytesLeft));
    bytesLeft -= Buffer.byteLength(kept.text);
    files.push({ path, source, content: kept.text, truncated: truncated || kept.truncated });
  }

  for (const file of memory) {
    if (file.source === "owner" || file.source === "rule") add(file.path, file.source, file.content, file.truncated);
  }
  for await (const { place, source } of candidates(roots, workspace, start, memory, limits.maxDepth)) {
    const path = shownPath(place, workspace);
    if (seen.has(path)) continue;
    const head = await textHead(roots, place, limits.maxBytesPerFile);
    if (!head) continue;
    if (files.length >= limits.maxFiles || bytesLeft <= 0) return { files, truncated: true };
    add(path, source, head.text, head.truncated);
  }
  return { files, truncated: false };
}

/** The workspace's own memory with its imports first, then whatever lies in the directories. */
async function* candidates(
  roots: Roots,
  workspace: string,
  start: Located,
  memory: readonly MemoryFile[],
  maxDepth: number,
): AsyncGenerator<Candidate> {
  for (const { path, source } of memory) {
    const place = source === "project" || source === "import" ? placeOf(roots, path, workspace) : null;
    if (place) yield { place, source };
  }
  for await (const { directory, entries, depth } of walk(roots, start, {
    maxDepth,
    maxDirectories,
    enters: isEntered,
  })) {
    const names = new Set(entries.map(({ name }) => name));
    const present = async function* (wanted: readonly string[], source: ContextFile["source"]) {
      for (const name of wanted) {
        const place = names.has(name.split("/", 1)[0] ?? "") ? placeOf(roots, name, directory.absolute) : null;
        if (place) yield { place, source };
      }
    };
    yield* present(instructionNames, "project");
    if (names.has(".cursor")) yield* present(await cursorRuleNames(roots, directory), "project");
    yield* present(depth === 0 ? [...configurationNames, ...manifestNames] : configurationNames, "configuration");
  }
}

const isEntered = (name: string): boolean => !name.startsWith(".") && !skipped.has(name);

async function cursorRuleNames(roots: Roots, directory: Located): Promise<string[]> {
  const folder = placeOf(roots, cursorRules, directory.absolute);
  const entries = folder ? await entriesOf(roots, folder) : [];
  return entries.map(({ name }) => `${cursorRules}/${name}`).filter((path) => /\.mdc?$/i.test(path));
}
