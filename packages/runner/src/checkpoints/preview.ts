/** What a restore would change, as a diff from now to then. */
import { relative } from "node:path";
import { PaddockError } from "@paddock/contract";
import { unifiedDiff } from "../edits/diff.ts";
import type { FileState, Roots } from "../files/roots.ts";
import type { Call } from "../tools/handler.ts";
import { withContents } from "./contents.ts";
import { makePlan, type PlanParts, type Skipped, type Target } from "./plan.ts";
import { isAlready } from "./restore.ts";
import type { Checkpoint } from "./store.ts";

export interface Preview {
  diff: string;
  /** More would change than is shown. */
  truncated: boolean;
  restored: string[];
  deleted: string[];
  skipped: Skipped[];
}

const mostBytes = 200_000;
const mostTargets = 500;
const mostFileBytes = 8 * 1024 * 1024;

export async function preview(parts: PlanParts, call: Call, checkpoint: Checkpoint): Promise<Preview> {
  const plan = await makePlan(parts, call, checkpoint);
  const shown = plan.targets.slice(0, mostTargets);
  const result: Preview = {
    diff: "",
    truncated: shown.length < plan.targets.length,
    restored: [],
    deleted: [],
    skipped: plan.skipped,
  };
  for await (const { target, content } of withContents(parts, plan, shown)) {
    const text = await difference(call, target, content, mostBytes - result.diff.length);
    if (text === null) continue;
    (target.type === "absent" ? result.deleted : result.restored).push(target.place.absolute);
    if (result.diff.length + text.length > mostBytes) result.truncated = true;
    else result.diff += text;
  }
  return result;
}

/** Null where nothing would change. */
async function difference(call: Call, target: Target, content: Buffer | null, room: number): Promise<string | null> {
  const { place } = target;
  const now = await call.roots.lstat(place);
  const name = place.root === call.workspace ? relative(call.workspace, place.absolute) : place.absolute;
  const wholly = await withoutText(call.roots, target, now, content, name);
  if (wholly !== undefined) return wholly;
  const before = now === null ? null : await textOf(call.roots, target, now.type);
  const after = content === null ? null : asText(content);
  if (before === undefined || after === undefined) return `Binary file ${name} differs\n`;
  const { text } = unifiedDiff(before, after, name, { maxBytes: Math.max(room, 1000) });
  return text === "" ? `Mode of ${name} changes\n` : text;
}

/** What there is to say without comparing text; null for nothing, undefined where text is to be compared. */
async function withoutText(
  roots: Roots,
  target: Target,
  now: FileState | null,
  content: Buffer | null,
  name: string,
): Promise<string | null | undefined> {
  if (target.type === "directory") return now?.type === "directory" ? null : `New directory ${name}\n`;
  if (target.type === "absent") {
    if (now === null) return null;
    return now.type === "directory" ? `Deleted directory ${name}\n` : undefined;
  }
  if (content === null) return `${name} cannot be restored: what was kept of it is missing or damaged\n`;
  return (await isAlready(roots, target, now, content)) ? null : undefined;
}

/** The text at a place, the target of a link included; undefined for what is no text or too large to be shown. */
async function textOf(roots: Roots, { place }: Target, type: string): Promise<string | undefined> {
  if (type === "symlink") return roots.readLink(place);
  try {
    return asText(await roots.read(place, mostFileBytes));
  } catch (error) {
    if (error instanceof PaddockError) return undefined;
    throw error;
  }
}

const asText = (content: Buffer): string | undefined => (content.includes(0) ? undefined : content.toString("utf8"));
