/** Sets files back to what they were at a checkpoint, through the roots of whoever asks. */
import { dirname } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { FileState, Located, Roots } from "../files/roots.ts";
import type { Call } from "../tools/handler.ts";
import { withContents } from "./contents.ts";
import { makePlan, type Plan, type PlanParts, type Skipped, type Target } from "./plan.ts";
import { preImages } from "./pre-images.ts";
import type { Checkpoint, State } from "./store.ts";

export interface Restored {
  /** Absolute paths. */
  restored: string[];
  deleted: string[];
  skipped: Skipped[];
}

/** Keeps what is about to be replaced; told the snapshot of now, and copies of what that leaves out. */
export type KeepNow = (states: readonly State[], tree: string | null, complete: boolean) => void;

export async function restore(
  parts: PlanParts & { maxFileBytes: number },
  call: Call,
  checkpoint: Checkpoint,
  keepNow: KeepNow,
): Promise<Restored> {
  const plan = await makePlan(parts, call, checkpoint);
  const covered = (target: Target) => plan.now !== null && isFromSnapshot(target);
  const uncovered = plan.targets.filter((target) => !covered(target)).map(({ place }) => place);
  const { states, complete } = await preImages(call.roots, uncovered, parts.maxFileBytes);
  keepNow(states, plan.now, complete);
  const work = new Restoration(call.roots, plan.skipped, complete);
  const { targets } = plan;
  for (const target of targets.toReversed()) if (target.type === "absent") await work.remove(target);
  const wanted = targets.filter(({ type }) => type !== "absent");
  for await (const { target, content } of withContents(parts, plan, wanted)) await work.put(target, content);
  await work.removeEmptied(call.workspace, plan);
  return work;
}

const isFromSnapshot = (target: Target): boolean =>
  target.type === "absent" ? target.from === "snapshot" : "source" in target && "oid" in target.source;

/** A target that has a content. */
type Content = Exclude<Target, { type: "absent" | "directory" }>;

class Restoration implements Restored {
  readonly restored: string[] = [];
  readonly deleted: string[] = [];
  readonly skipped: Skipped[];
  readonly #roots: Roots;
  /** All that copies are about to replace was kept, so that directories among it may be removed with what is in them. */
  readonly #allKept: boolean;

  constructor(roots: Roots, skipped: Skipped[], allKept: boolean) {
    this.#roots = roots;
    this.skipped = skipped;
    this.#allKept = allKept;
  }

  remove({ place, from }: Extract<Target, { type: "absent" }>): Promise<void> {
    return this.#attempt(place, async () => {
      const state = await this.#roots.lstat(place);
      if (state === null) return;
      if (state.type === "directory")
        await this.#roots.removeDirectory(place, { recursive: this.#allKept && from === "copy" });
      else await this.#roots.removeFile(place);
      this.deleted.push(place.absolute);
    });
  }

  put(target: Target, content: Buffer | null): Promise<void> {
    return this.#attempt(target.place, async () => {
      const now = await this.#roots.lstat(target.place);
      if (target.type === "directory") await this.#makeDirectory(target.place, now);
      else if (target.type !== "absent") await this.#setBack(target, now, content);
    });
  }

  async #makeDirectory(place: Located, now: FileState | null): Promise<void> {
    if (now?.type === "directory") return;
    if (now) await this.#roots.removeFile(place);
    await this.#roots.makeDirectory(place);
    this.restored.push(place.absolute);
  }

  async #setBack(target: Content, now: FileState | null, content: Buffer | null): Promise<void> {
    if (content === null) throw new PaddockError("checkpoint_not_found", "What was kept of it is missing or damaged.");
    if (await isAlready(this.#roots, target, now, content)) return;
    await this.#replace(target, now, content);
    this.restored.push(target.place.absolute);
  }

  /** Directories that held nothing but what was deleted go too. */
  async removeEmptied(workspace: string, { targets }: Plan): Promise<void> {
    const made = targets
      .filter((target) => target.type === "absent" && target.from === "snapshot")
      .map(({ place }) => place);
    const parents = new Map<string, Located>();
    for (const place of made) for (const parent of parentsOf(place)) parents.set(parent.absolute, parent);
    for (const parent of [...parents.values()].sort((a, b) => b.absolute.length - a.absolute.length)) {
      if (parent.absolute === workspace || (await this.#roots.lstat(parent))?.type !== "directory") continue;
      if ((await this.#roots.entries(parent)).length > 0) continue;
      await this.#attempt(parent, () => this.#roots.removeDirectory(parent, { recursive: false }));
    }
  }

  async #replace(target: Content, now: FileState | null, content: Buffer): Promise<void> {
    const { place } = target;
    if (now?.type === "directory") await this.#roots.removeDirectory(place, { recursive: false });
    else if (now && (now.type !== "file" || target.type === "symlink")) await this.#roots.removeFile(place);
    if (target.type === "symlink") return this.#roots.makeLink(place, content.toString("utf8"));
    const mode = modeOf(target.mode, now);
    await this.#roots.write(place, content, mode === null ? {} : { mode });
  }

  async #attempt(place: Located, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      this.skipped.push({ path: place.absolute, reason: error.message });
    }
  }
}

function parentsOf(place: Located): Located[] {
  const parents: Located[] = [];
  let { relative } = place;
  let { absolute } = place;
  for (;;) {
    relative = dirname(relative);
    absolute = dirname(absolute);
    if (relative === "." || relative === "/") return parents;
    parents.push({ ...place, relative, absolute });
  }
}

function modeOf(wanted: number | "plain" | "executable", now: FileState | null): number | null {
  if (typeof wanted === "number") return wanted;
  if (now?.type !== "file") return wanted === "executable" ? 0o755 : null;
  return wanted === "executable" ? (now.mode & 0o7777) | 0o111 : now.mode & 0o7666;
}

/** Whether nothing has to be done for a file or link. */
export async function isAlready(
  roots: Roots,
  target: Content,
  now: FileState | null,
  content: Buffer,
): Promise<boolean> {
  if (now?.type !== target.type) return false;
  if (target.type === "symlink") return (await roots.readLink(target.place)) === content.toString("utf8");
  const mode = modeOf(target.mode, now);
  if (mode !== null && (now.mode & 0o7777) !== mode) return false;
  return now.size === content.length && (await roots.read(target.place, content.length)).equals(content);
}
