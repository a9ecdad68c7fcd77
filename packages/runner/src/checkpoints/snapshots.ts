/**
 * Snapshots of workspaces, one at a time each. Whoever asks while one is being taken gets the next, which begins after they
 * asked; all who ask meanwhile share it.
 */
import type { Cages } from "../sandbox/cage.ts";
import {
  nameTree,
  openSnapshotRepository,
  type SnapshotRepository,
  snapshotCage,
  unnameTree,
} from "./snapshot-repository.ts";
import { type Snapshot, type TakeOptions, takeSnapshot } from "./take-snapshot.ts";

export interface SnapshotsOptions extends Omit<TakeOptions, "signal" | "present"> {
  cages: Cages;
  /** Holds one repository for each workspace. */
  folder: string;
  /** After a failure nothing is tried for this long. */
  restMs: number;
  log: { warn(fields: object, message: string): void };
}

interface Line {
  repository: SnapshotRepository;
  running: Promise<unknown> | null;
  next: Promise<Snapshot | null> | null;
  state: string;
  notBefore: number;
  dropped: number;
  /** Of the last snapshot that succeeded. */
  tree: string | null;
}

const sweepAfter = 50;

export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #lines = new Map<string, Line>();
  readonly #closing = new AbortController();

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** A snapshot that begins after this call; null when none can be made, which is logged and told by `state`. */
  take(workspace: string): Promise<Snapshot | null> {
    const line = this.#line(workspace);
    if (line.next) return line.next;
    if (!line.running) return this.#begin(line);
    line.next = line.running.then(() => {
      line.next = null;
      return this.#begin(line);
    });
    return line.next;
  }

  state(workspace: string): string {
    return this.#lines.get(workspace)?.state ?? "not begun";
  }

  repository(workspace: string): SnapshotRepository {
    return this.#line(workspace).repository;
  }

  name(workspace: string, id: string, tree: string): void {
    nameTree(this.repository(workspace), id, tree);
  }

  /** Lets go of a snapshot; now and then what nothing needs any more is swept. */
  drop(workspace: string, id: string): void {
    const line = this.#line(workspace);
    unnameTree(line.repository, id);
    line.dropped += 1;
    if (line.dropped >= sweepAfter && !line.running) void this.#run(line, () => this.#sweep(line));
  }

  /** Waits until nothing is being done. */
  async idle(): Promise<void> {
    for (const { next, running } of this.#lines.values()) await Promise.all([next, running]);
  }

  /** Ends what is being done and waits until it has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.idle();
  }

  #line(workspace: string): Line {
    const known = this.#lines.get(workspace);
    if (known) return known;
    const repository = openSnapshotRepository(this.#options.folder, workspace);
    const line = { repository, running: null, next: null, state: "not begun", notBefore: 0, dropped: 0, tree: null };
    this.#lines.set(workspace, line);
    return line;
  }

  #begin(line: Line): Promise<Snapshot | null> {
    return this.#run(line, () => this.#attempt(line));
  }

  #run<T>(line: Line, work: () => Promise<T>): Promise<T> {
    const done = work().finally(() => {
      line.running = null;
    });
    line.running = done;
    return done;
  }

  async #attempt(line: Line): Promise<Snapshot | null> {
    const { cages, restMs, log } = this.#options;
    if (this.#closing.signal.aborted || performance.now() < line.notBefore) return null;
    if (line.state !== "ready") line.state = "being made";
    try {
      const { signal } = this.#closing;
      const snapshot = await takeSnapshot(cages, line.repository, { ...this.#options, present: line.tree, signal });
      line.state = "ready";
      line.tree = snapshot.tree;
      return snapshot;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#closing.signal.aborted) return null;
      line.state = `failed: ${reason}`;
      line.tree = null;
      line.notBefore = performance.now() + restMs;
      log.warn({ err: error, workspace: line.repository.workspace }, "no snapshot could be taken");
      return null;
    }
  }

  async #sweep(line: Line): Promise<void> {
    const { cages, timeoutMs, log } = this.#options;
    const { workspace } = line.repository;
    line.dropped = 0;
    try {
      const spec = { ...snapshotCage(cages, line.repository, true), argv: ["git", "prune", "--expire=now"] };
      const { code, stderr } = await cages.run(spec, { maxBytes: 4096, timeoutMs, signal: this.#closing.signal });
      if (code !== 0) log.warn({ workspace, words: stderr.toString("utf8") }, "old snapshots were not swept");
    } catch (error) {
      log.warn({ err: error, workspace }, "old snapshots were not swept");
    }
  }
}
