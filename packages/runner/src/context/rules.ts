/** Rules under `.claude/rules`: each for the paths its front matter names in `paths`, or for the whole project. */
import type { Located, Roots } from "../files/roots.ts";
import { frontMatter, strings } from "./front-matter.ts";
import { pathGlob } from "./path-glob.ts";
import { isAbsence, placeOf, textHead } from "./text-head.ts";

export interface PathRule {
  /** Relative to the workspace. */
  path: string;
  /** Relative to the workspace; empty when the rule is for everything. */
  globs: string[];
  content: string;
  truncated: boolean;
}

export const rulesFolder = ".claude/rules";
const maxRules = 64;
const maxDepth = 3;
const maxRuleBytes = 32 * 1024;
const maxGlobs = 32;

export async function rulesOf(roots: Roots, workspace: string): Promise<PathRule[]> {
  const rules: PathRule[] = [];
  for (const path of await ruleFiles(roots, workspace)) {
    const place = placeOf(roots, path, workspace);
    const head = place ? await textHead(roots, place, maxRuleBytes) : null;
    if (!head) continue;
    const { fields, body } = await frontMatter(head.text);
    rules.push({ path, globs: strings(fields.paths, maxGlobs), content: body, truncated: head.truncated });
  }
  return rules;
}

/** The rules whose globs cover a path that is relative to the workspace. */
export async function rulesFor(roots: Roots, workspace: string, path: string): Promise<PathRule[]> {
  const rules = await rulesOf(roots, workspace);
  return rules.filter((rule) => rule.globs.some((glob) => pathGlob(glob, "root")(path)));
}

async function ruleFiles(roots: Roots, workspace: string): Promise<string[]> {
  const found: string[] = [];
  const open = [{ folder: rulesFolder, depth: 1 }];
  for (let next = open.shift(); next && found.length < maxRules; next = open.shift()) {
    const { folder, depth } = next;
    const place = placeOf(roots, folder, workspace);
    const entries = place ? await entriesOf(roots, place) : [];
    const folders = entries.filter(({ state }) => state.type === "directory" && depth < maxDepth);
    open.push(...folders.map(({ name }) => ({ folder: `${folder}/${name}`, depth: depth + 1 })));
    const files = entries.filter(({ name, state }) => state.type !== "directory" && /\.mdc?$/i.test(name));
    found.push(...files.map(({ name }) => `${folder}/${name}`));
  }
  return found.slice(0, maxRules).toSorted();
}

/** Sorted by name; empty where there is no such directory. */
export async function entriesOf(roots: Roots, place: Located): ReturnType<Roots["entries"]> {
  try {
    const entries = await roots.entries(place);
    return entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}
