/** Rules under `.claude/rules`: each for the paths its front matter names in `paths`, or for the whole project. */
import type { Roots } from "../files/roots.ts";
import { frontMatter, strings } from "./front-matter.ts";
import { pathGlob } from "./path-glob.ts";
import { placeOf, textHead } from "./text-head.ts";
import { joined, walk } from "./walk.ts";

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
  const start = placeOf(roots, rulesFolder, workspace);
  if (!start) return [];
  const found: string[] = [];
  for await (const { below, entries } of walk(roots, start, { maxDepth: 2, maxDirectories: maxRules })) {
    const files = entries.filter(({ name, state }) => state.type !== "directory" && /\.mdc?$/i.test(name));
    found.push(...files.map(({ name }) => `${rulesFolder}/${joined(below, name)}`));
  }
  return found.slice(0, maxRules).toSorted();
}
