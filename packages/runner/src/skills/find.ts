/**
 * Skills: folders with a SKILL.md and perhaps scripts. The owner's own lie in the runner's state folder and are active;
 * those of a workspace can be read as the untrusted text they are, and run only with the owner's approval.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { frontMatter } from "../context/front-matter.ts";
import { placeOf, textHead } from "../context/text-head.ts";
import { entriesOf } from "../context/walk.ts";
import { openRoots } from "../files/open-roots.ts";
import type { Roots } from "../files/roots.ts";

export interface Skill {
  /** Name of its folder. */
  name: string;
  description: string;
  source: "owner" | "project";
  /** Absolute path of its folder. */
  path: string;
  /** What it is read through. */
  roots: Roots;
}

/** A folder of skills. */
export interface Shelf {
  source: Skill["source"];
  folder: string;
  roots: Roots;
}

const projectFolders = [".claude/skills", ".agents/skills"];
const maxSkills = 100;
const maxHeadBytes = 16 * 1024;
const maxDescription = 1024;
const nameShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Opens the owner's shelf, which lies outside of every root; null when there is none. */
export function openOwnerShelf(folder: string): (Shelf & Disposable) | null {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return null;
  const roots = openRoots({ roots: [{ path: folder, write: false }], hidden: [], readonly: true });
  return { source: "owner", folder, roots, [Symbol.dispose]: () => roots[Symbol.dispose]() };
}

export function shelvesOf(owner: Shelf | null, workspace: string, roots: Roots): Shelf[] {
  const own: Shelf[] = projectFolders.map((folder) => ({ source: "project", folder: join(workspace, folder), roots }));
  return owner ? [owner, ...own] : own;
}

/** The first of a name counts: a workspace cannot put its own skill in the place of the owner's. */
export async function listSkills(shelves: readonly Shelf[]): Promise<{ skills: Skill[]; truncated: boolean }> {
  const found = new Map<string, Skill>();
  for (const shelf of shelves) {
    for (const name of await namesOn(shelf)) {
      if (found.has(name)) continue;
      if (found.size === maxSkills) return { skills: [...found.values()], truncated: true };
      const skill = await skillOn(shelf, name);
      if (skill) found.set(name, skill);
    }
  }
  return { skills: [...found.values()], truncated: false };
}

export async function findSkill(shelves: readonly Shelf[], name: string): Promise<Skill> {
  for (const shelf of nameShape.test(name) ? shelves : []) {
    const skill = await skillOn(shelf, name);
    if (skill) return skill;
  }
  throw new PaddockError("skill_not_found", `There is no skill ${JSON.stringify(name)} here.`);
}

async function namesOn({ roots, folder }: Shelf): Promise<string[]> {
  const place = placeOf(roots, folder, folder);
  const entries = place ? await entriesOf(roots, place) : [];
  return entries.map(({ name }) => name).filter((name) => nameShape.test(name));
}

async function skillOn({ source, roots, folder }: Shelf, name: string): Promise<Skill | null> {
  const path = join(folder, name);
  const place = placeOf(roots, "SKILL.md", path);
  const head = place ? await textHead(roots, place, maxHeadBytes) : null;
  if (!head) return null;
  const { description } = (await frontMatter(head.text)).fields;
  const said = typeof description === "string" ? description.trim().slice(0, maxDescription) : "";
  return { name, description: said, source, path, roots };
}
