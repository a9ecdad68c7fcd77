/** A skill as a whole: all of its files, read once, so that what was approved is what runs. */
import { PaddockError } from "@paddock/contract";
import { contentHash } from "../approvals/content.ts";
import { placeOf } from "../context/text-head.ts";
import { joined, walk } from "../context/walk.ts";
import type { Skill } from "./find.ts";

export interface BundleFile {
  /** Relative to the skill's folder. */
  path: string;
  executable: boolean;
  content: Buffer;
}

export interface Bundle {
  files: readonly BundleFile[];
  hash: string;
}

const maxFiles = 200;
const maxDepth = 6;
const maxBytes = 8 * 1024 * 1024;

/** Names of the regular files, sorted; links are left out. */
export async function skillFiles({ path, roots }: Skill): Promise<Omit<BundleFile, "content">[]> {
  const start = placeOf(roots, path, path);
  const found: Omit<BundleFile, "content">[] = [];
  if (!start) return found;
  for await (const { below, entries } of walk(roots, start, { maxDepth, maxDirectories: maxFiles })) {
    const files = entries.filter(({ state }) => state.type === "file");
    found.push(
      ...files.map(({ name, state }) => ({ path: joined(below, name), executable: (state.mode & 0o100) !== 0 })),
    );
    if (found.length > maxFiles) throw tooLarge(path, `more than ${maxFiles} files`);
  }
  return found.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

export async function readBundle(skill: Skill): Promise<Bundle> {
  const files: BundleFile[] = [];
  let bytesLeft = maxBytes;
  for (const { path, executable } of await skillFiles(skill)) {
    if (bytesLeft <= 0) throw tooLarge(skill.path, "more than 8 MiB");
    const content = await skill.roots.read(skill.roots.locate(path, skill.path), bytesLeft);
    bytesLeft -= content.length;
    files.push({ path, executable, content });
  }
  return { files, hash: contentHash("skill", files.flatMap(partsOf)) };
}

const partsOf = ({ path, executable, content }: BundleFile) => [path, executable ? "x" : "-", content];

function tooLarge(path: string, what: string): PaddockError {
  return new PaddockError(
    "too_large",
    `The skill ${path} has ${what}.`,
    "Run its script with run_command, or make the skill smaller.",
  );
}
