/**
 * What has to be set back, and to what. Two sources say how things were at a checkpoint: copies that file tools kept since,
 * the oldest of each path, and the first snapshot since, compared with one of now. A copy that is as old as the snapshot
 * goes first; so does one of a path that snapshots leave out.
 */
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { Located } from "../files/roots.ts";
import type { Cages } from "../sandbox/cage.ts";
import type { Call } from "../tools/handler.ts";
import type { Snapshots } from "./snapshots.ts";
import type { Checkpoint, Store, StoredState } from "./store.ts";
import { type TreeChange, Trees } from "./trees.ts";

/** Where a content is kept: by hash among the copies, by object id among the snapshots. */
export type Source = { hash: Buffer } | { oid: string };

export type Target = { place: Located } & (
  | { type: "absent"; from: "copy" | "snapshot" }
  | { type: "directory" }
  | { type: "symlink"; source: Source }
  | { type: "file"; source: Source; mode: number | "plain" | "executable" }
);

export interface Skipped {
  path: string;
  reason: string;
}

export interface Plan {
  /** In order of their paths. Some may be as they should be already. */
  targets: Target[];
  skipped: Skipped[];
  /** The workspace as it is now, where the plan rests on snapshots. */
  now: string | null;
  trees: Trees;
}

export interface PlanParts {
  cages: Cages;
  store: Store;
  snapshots: Snapshots;
}

type Copy = StoredState & { place: Located };

export async function makePlan(
  { cages, store, snapshots }: PlanParts,
  call: Call,
  checkpoint: Checkpoint,
): Promise<Plan> {
  const trees = new Trees(cages, snapshots.repository(call.workspace));
  const plan: Plan = { targets: [], skipped: [], now: null, trees };
  const copies = oldestCopies(call, store.statesFrom(checkpoint.seq));
  const [first] = store.snapshotsFrom(checkpoint.seq, call.workspace);
  const changes = first?.tree ? await changesSince(plan, snapshots, call, first.tree) : new Map<string, TreeChange>();
  const unchanged = first?.tree
    ? await unchangedSince(plan, call, first as Checkpoint & { tree: string }, copies, changes)
    : new Set();
  for (const copy of copies.values()) {
    const { absolute } = copy.place;
    if (unchanged.has(absolute)) continue;
    if (first && copy.seq > first.seq && changes.has(absolute)) continue;
    changes.delete(absolute);
    addCopy(plan, copy);
  }
  for (const [absolute, change] of changes) addChange(plan, call, absolute, change);
  plan.targets.sort((a, b) => (a.place.absolute < b.place.absolute ? -1 : 1));
  return plan;
}

/** The oldest copy of each path that this caller's roots show. */
function oldestCopies(call: Call, states: readonly StoredState[]): Map<string, Copy> {
  const copies = new Map<string, Copy>();
  for (const state of states) {
    const path = join(state.root, state.relative);
    if (copies.has(path)) continue;
    const place = placeOf(call, path);
    if (place) copies.set(path, { ...state, place });
  }
  return copies;
}

/** Null where the caller's roots do not lead. */
function placeOf({ roots, workspace }: Call, path: string): Located | null {
  try {
    return roots.locate(path, workspace);
  } catch (error) {
    if (error instanceof PaddockError) return null;
    throw error;
  }
}

async function changesSince(
  plan: Plan,
  snapshots: Snapshots,
  { workspace }: Call,
  tree: string,
): Promise<Map<string, TreeChange>> {
  const now = await snapshots.take(workspace);
  const none = new Map<string, TreeChange>();
  if (now === null) {
    plan.skipped.push({
      path: workspace,
      reason: `No snapshot could be taken (${snapshots.state(workspace)}): only single files are set back.`,
    });
    return none;
  }
  plan.now = now.tree;
  try {
    const changes = await plan.trees.changes(tree, now.tree);
    const kept = await withoutOnceIgnored(plan, workspace, tree, changes);
    return new Map(kept.map((change) => [join(workspace, change.path), change]));
  } catch (error) {
    if (!(error instanceof PaddockError) || error.code !== "checkpoint_not_found") throw error;
    plan.skipped.push({ path: workspace, reason: `${error.message} Only single files are set back.` });
    return none;
  }
}

const isIgnoreFile = (path: string): boolean => path === ".gitignore" || path.endsWith("/.gitignore");

/** Where ignore rules were loosened, files show up that were there all the time: those are not taken for new. */
async function withoutOnceIgnored(
  plan: Plan,
  workspace: string,
  tree: string,
  changes: TreeChange[],
): Promise<TreeChange[]> {
  if (!changes.some(({ path, before }) => before !== null && isIgnoreFile(path))) return changes;
  const added = changes.filter(({ before }) => before === null).map(({ path }) => path);
  const ignored = await plan.trees.ignored(tree, added);
  for (const path of ignored)
    plan.skipped.push({ path: join(workspace, path), reason: "It was ignored at the checkpoint." });
  return changes.filter(({ path }) => !ignored.has(path));
}

/** Paths of newer copies that the snapshot has and that are now as it has them. */
async function unchangedSince(
  { trees, now }: Plan,
  { workspace }: Call,
  { seq, tree }: Checkpoint & { tree: string },
  copies: ReadonlyMap<string, Copy>,
  changes: ReadonlyMap<string, TreeChange>,
): Promise<Set<string>> {
  if (now === null) return new Set();
  const newer = [...copies.values()].filter(
    ({ seq: at, place }) => at > seq && place.root === workspace && !changes.has(place.absolute),
  );
  const contained = await trees.contained(tree, newer.map(({ place }) => place.relative).filter(Boolean));
  return new Set(newer.filter(({ place }) => contained.has(place.relative)).map(({ place }) => place.absolute));
}

function addCopy({ targets, skipped }: Plan, { type, hash, mode, place }: Copy): void {
  if (type === "absent") targets.push({ place, type, from: "copy" });
  else if (type === "directory") targets.push({ place, type });
  else if (type === "unkept" || hash === null) {
    skipped.push({
      path: place.absolute,
      reason: "It was too large, unreadable or of an odd kind, so it was not kept.",
    });
  } else if (type === "file") targets.push({ place, type, source: { hash }, mode: mode & 0o7777 });
  else targets.push({ place, type, source: { hash } });
}

function addChange({ targets, skipped }: Plan, call: Call, absolute: string, { before, after }: TreeChange): void {
  const place = placeOf(call, absolute);
  if (!place) skipped.push({ path: absolute, reason: "It is not reachable for this caller." });
  else if (before === null) {
    if (after !== null) targets.push({ place, type: "absent", from: "snapshot" });
  } else if (before.type === "symlink") targets.push({ place, type: "symlink", source: { oid: before.oid } });
  else
    targets.push({
      place,
      type: "file",
      source: { oid: before.oid },
      mode: before.executable ? "executable" : "plain",
    });
}
