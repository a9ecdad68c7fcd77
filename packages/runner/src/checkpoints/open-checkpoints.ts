/** Checkpoints of a machine: keeps what changes replace, and gives it back. */
import { join } from "node:path";
import { type CheckpointId, maskSecrets, newId, ownerId, PaddockError } from "@paddock/contract";
import type { Located } from "../files/roots.ts";
import type { Cages } from "../sandbox/cage.ts";
import type { Call } from "../tools/handler.ts";
import type { Checkpoints, Kept, ReadPlace } from "./checkpoints.ts";
import { preImages } from "./pre-images.ts";
import { type Preview, preview } from "./preview.ts";
import { type Restored, restore } from "./restore.ts";
import { Snapshots } from "./snapshots.ts";
import { type Checkpoint, type Listed, openStore, type State, type Store } from "./store.ts";

export interface CheckpointOptions {
  /** Folder of the runner for checkpoints. */
  folder: string;
  cages: Cages;
  enabled: boolean;
  /** Of each workspace. */
  maxCount: number;
  maxDays: number;
  maxFileBytes: number;
  /** Of the copies that all checkpoints together keep. */
  maxBytes: number;
  /** How long a command waits for its snapshot; 2 s when absent. */
  waitMs?: number;
  log: { warn(fields: object, message: string): void };
}

export type { Listed } from "./store.ts";

export interface CheckpointStatus {
  enabled: boolean;
  count: number;
  bytes: number;
  snapshot: string;
}

export interface OpenCheckpoints extends Checkpoints {
  /** Begins the first snapshot of a workspace, in the background. */
  prepare(workspace: string): void;
  list(call: Call, limit: number): { checkpoints: Listed[]; more: boolean };
  preview(call: Call, id: CheckpointId): Promise<Preview>;
  restore(call: Call, id: CheckpointId): Promise<Restored & { kept: Kept }>;
  status(call: Call): CheckpointStatus;
  /** Forgets a checkpoint and all older ones of the workspace; all when no id is given. The owner forgets everybody's. */
  clear(call: Call, id?: CheckpointId): number;
  close(): Promise<void>;
}

const snapshotTimeoutMs = 300_000;
const restMs = 60_000;
const dayMs = 24 * 60 * 60 * 1000;
const mostLeftOut = 1000;

export function openCheckpoints(options: CheckpointOptions): OpenCheckpoints {
  const { folder, cages, log } = options;
  const store = openStore(join(folder, "checkpoints.sqlite3"), (aside) => {
    log.warn({ aside }, "the list of checkpoints could not be read; it was put aside and a new one begun");
  });
  const snapshots = new Snapshots({
    cages,
    folder,
    maxFileBytes: options.maxFileBytes,
    timeoutMs: snapshotTimeoutMs,
    restMs,
    log,
  });
  const keeper = new Keeper(options, store, snapshots);
  const found = (call: Call, id: CheckpointId): Checkpoint => {
    const checkpoint = store.find(id);
    if (checkpoint && isVisible(call, checkpoint.workspace)) return checkpoint;
    throw new PaddockError("checkpoint_not_found", `There is no checkpoint ${id} that this caller may use.`);
  };
  const parts = { cages, store, snapshots, maxFileBytes: options.maxFileBytes };
  return {
    beforeChange: (call, title, places) => keeper.beforeChange(call, title, places),
    beforeCommand: (call, title) => keeper.beforeCommand(call, title),
    prepare: (workspace) => {
      if (options.enabled) void snapshots.take(workspace);
    },
    list(call, limit) {
      const visible = store.workspaces().filter((workspace) => isVisible(call, workspace));
      const checkpoints = store.list(visible, limit + 1);
      return { checkpoints: checkpoints.slice(0, limit), more: checkpoints.length > limit };
    },
    async preview(call, id) {
      const checkpoint = found(call, id);
      return preview(parts, { ...call, workspace: checkpoint.workspace }, checkpoint);
    },
    async restore(call, id) {
      const checkpoint = found(call, id);
      const there = { ...call, workspace: checkpoint.workspace };
      const kept: { now: Kept } = { now: { id: null, checkpoint: "off" } };
      const restored = await restore(parts, there, checkpoint, (states, tree, complete) => {
        kept.now = keeper.record(there, { title: `restore of ${id}`, kind: "restore", tree, complete }, states);
      });
      return { ...restored, kept: kept.now };
    },
    status: ({ workspace }) => ({
      enabled: options.enabled,
      ...store.usage(workspace),
      snapshot: snapshots.state(workspace),
    }),
    clear(call, id) {
      const { workspace, seq } = id === undefined ? { ...call, seq: Number.MAX_SAFE_INTEGER } : found(call, id);
      const { id: principal } = call.principal;
      return keeper.forget(store.clear(workspace, seq, principal === ownerId ? null : principal));
    },
    async close() {
      await snapshots.close();
      store.close();
    },
  };
}

/** A caller sees the checkpoints of the workspaces that its roots show. */
function isVisible({ roots, workspace }: Call, of: string): boolean {
  if (of === workspace) return true;
  try {
    return roots.locate(of, workspace).absolute === of;
  } catch (error) {
    if (error instanceof PaddockError) return false;
    throw error;
  }
}

/** Takes checkpoints. */
class Keeper implements Checkpoints {
  readonly #options: CheckpointOptions;
  readonly #store: Store;
  readonly #snapshots: Snapshots;
  /** Looking for what to forget costs a little, so it is not done each time where many are kept. */
  readonly #pruneEvery: number;
  #added = 0;

  constructor(options: CheckpointOptions, store: Store, snapshots: Snapshots) {
    this.#options = options;
    this.#store = store;
    this.#snapshots = snapshots;
    this.#pruneEvery = Math.min(50, Math.max(1, Math.floor(options.maxCount / 10)));
  }

  async beforeChange(call: Call, title: string, places: readonly (Located | ReadPlace)[]): Promise<Kept> {
    if (!this.#options.enabled) return { id: null, checkpoint: "off" };
    const { states, complete, overflow } = await preImages(call.roots, places, this.#options.maxFileBytes);
    const tree = overflow ? ((await this.#waitForSnapshot(call.workspace))?.tree ?? null) : null;
    return this.record(call, { title, kind: "change", tree, complete }, states);
  }

  async beforeCommand(call: Call, title: string): Promise<Kept> {
    if (!this.#options.enabled) return { id: null, checkpoint: "off" };
    const snapshot = await this.#waitForSnapshot(call.workspace);
    const leftOut = snapshot?.leftOut ?? [];
    const complete = snapshot !== null && leftOut.length === 0;
    return this.record(
      call,
      { title, kind: "command", tree: snapshot?.tree ?? null, complete },
      leftOut
        .slice(0, mostLeftOut)
        .map((relative) => ({ root: call.workspace, relative, type: "unkept", mode: 0, content: null })),
    );
  }

  record(
    { run, tool, principal, workspace }: Call,
    {
      title,
      kind,
      tree,
      complete,
    }: { title: string; kind: Checkpoint["kind"]; tree: string | null; complete: boolean },
    states: readonly State[],
  ): Kept {
    const id = newId("cp");
    const checkpoint = complete ? "full" : "partial";
    if (tree !== null) this.#snapshots.name(workspace, id, tree);
    const createdMs = Date.now();
    this.#store.add(
      {
        id,
        workspace,
        principal: principal.id,
        run,
        tool,
        title: maskSecrets(title).slice(0, 200),
        createdMs,
        kind,
        tree,
        checkpoint,
      },
      states,
    );
    this.#added += 1;
    if (this.#added % this.#pruneEvery === 0) this.#prune(createdMs);
    return { id, checkpoint };
  }

  forget(checkpoints: readonly Checkpoint[]): number {
    for (const { workspace, id, tree } of checkpoints) if (tree !== null) this.#snapshots.drop(workspace, id);
    return checkpoints.length;
  }

  #prune(now: number): void {
    const { maxCount, maxDays, maxBytes } = this.#options;
    this.forget(this.#store.prune({ most: maxCount, olderThanMs: now - maxDays * dayMs, mostBytes: maxBytes }));
  }

  async #waitForSnapshot(workspace: string) {
    const { waitMs = 2000 } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), waitMs);
    });
    try {
      return await Promise.race([this.#snapshots.take(workspace), patience]);
    } finally {
      clearTimeout(timer);
    }
  }
}
