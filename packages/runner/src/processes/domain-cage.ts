/**
 * The cage of one trust domain, in which its shell and its background processes live together: they see the same /tmp, reach
 * each other over localhost and share one set of limits. A small bash inside starts them on request, so that starting one
 * makes no new cage, and it outlives each of them.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError, visibleLine } from "@paddock/contract";
import { type Caged, type CageSpec, type Cages, canRemap } from "../sandbox/cage.ts";
import { type Lane, Lanes } from "./lanes.ts";
import { descendantsOf, type Entry, hasAssignment, type Identity, isAlive, pidInside } from "./process-table.ts";

/** Where the lanes are seen inside; short, because bash reads its commands byte by byte. */
const lanesInside = "/run/p";
const gitFile = "gitconfig";
const markName = "PADDOCK_TASK";
const lastWordsMs = 500;
const beginWithinMs = 60_000;
const mostWords = 300;

/**
 * The program inside, which says when it has begun: one line `LANE MARK SCRIPT` starts that script, or without one a bash that reads its commands from
 * the lane. Background jobs ignore SIGINT unless told otherwise. What waits for the end holds the lane open until then.
 */
const holder = `printf 'ready\\n'
while IFS=' ' read -r lane mark script; do
  {
    trap - INT QUIT
    exec 3>&1 <"$1/$lane.in" >"$1/$lane.out" 2>"$1/$lane.err"
    printf 'started %s %s\\n' "$lane" "$BASHPID" >&3
    ${markName}=$mark "$BASH" --norc --noprofile \${script:--s} 3>&-
    printf 'ended %s %s\\n' "$lane" "$?" >&3
  } &
done`;

/** Something that runs in the cage. */
export interface Task {
  readonly lane: Lane;
  /** Settles when its end of the lane is open, or when it has ended. */
  readonly started: Promise<void>;
  /** Exit code as bash tells it, 128 + n after signal n; null when that will never be known. */
  readonly ended: Promise<number | null>;
  /** Its processes that run at the moment, the one that waits for its end left out. */
  members(): Entry[];
  /** The first of them, from which the others descend; null when it has ended. */
  leader(): Entry | null;
  /** Notices when the process that waits for its end was killed: then `ended` settles with null. */
  check(): void;
}

interface Pending {
  mark: string;
  /** Pid inside of the process that waits for the task's end. */
  waiter: number | null;
  /** The same on the host, once it was looked for. */
  waits: Identity | null;
  begin(): void;
  end(code: number | null): void;
}

export class DomainCage {
  readonly lanes: Lanes;
  /** Folder of the lanes as it is seen inside. */
  readonly inside: string;
  readonly #caged: Caged;
  readonly #pending = new Map<number, Pending>();
  readonly #begun = Promise.withResolvers<void>();
  /** What it said on its error stream before it had begun. */
  #words = "";
  #isOpen = true;

  /**
   * `gitSettings` is what git inside goes by where neither its home nor a repository says otherwise. Throws
   * sandbox_unavailable for a cage that ends before it has begun.
   */
  static async open(
    cages: Cages,
    spec: Omit<CageSpec, "argv" | "mounts" | "env">,
    { folder, gitSettings }: { folder: string; gitSettings: string },
  ): Promise<DomainCage> {
    const lanes = new Lanes(folder);
    const inside = canRemap(cages) ? lanesInside : folder;
    const seesOwnerHome = cages.kind === "none" || spec.profile === "open";
    writeFileSync(join(folder, gitFile), gitSettings, { mode: 0o600 });
    const caged = await cages.start({
      ...spec,
      ...(seesOwnerHome ? {} : { env: { GIT_CONFIG_SYSTEM: `${inside}/${gitFile}` } }),
      argv: ["/bin/bash", "--norc", "--noprofile", "-c", holder, "paddock", inside],
      mounts: [{ path: folder, at: inside, write: false }],
    });
    const cage = new DomainCage(caged, lanes, inside);
    const late = setTimeout(() => caged.destroy(), beginWithinMs);
    await cage.#begun.promise;
    clearTimeout(late);
    if (!cage.#isOpen) throw cage.#stillborn();
    return cage;
  }

  private constructor(caged: Caged, lanes: Lanes, inside: string) {
    this.#caged = caged;
    this.lanes = lanes;
    this.inside = inside;
    this.#listen();
    void caged.exited.then(() => this.#ended());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Why Paddock stopped it; null when it did not. */
  get stopped(): string | null {
    return this.#caged.stopped;
  }

  /** A lane that is free, made when there is none. Throws cage_stopped when the cage has ended meanwhile. */
  async takeLane(): Promise<Lane> {
    try {
      const lane = await this.lanes.take();
      if (this.#isOpen) return lane;
    } catch (error) {
      // The folder of the lanes goes with the cage.
      if (this.#isOpen) throw error;
    }
    throw new PaddockError("cage_stopped", this.stopped ?? "The cage ended before the command could begin.");
  }

  /** Starts `script`, or without one a bash that reads from the lane. The lane's pipes have to be open at this end already. */
  start(lane: Lane, script?: string): Task {
    const mark = `${process.pid}-${lane.number}-${Date.now().toString(36)}`;
    if (script !== undefined) writeFileSync(join(this.lanes.folder, `${lane.number}.run`), script, { mode: 0o600 });
    const { promise: started, resolve: begin } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<number | null>();
    const pending: Pending = { mark, waiter: null, waits: null, begin, end };
    this.#pending.set(lane.number, pending);
    if (this.#isOpen) {
      const file = script === undefined ? "" : ` ${this.inside}/${lane.number}.run`;
      this.#caged.stdin.write(`${lane.number} ${mark}${file}\n`);
    } else this.#finish(lane.number, null);
    return {
      lane,
      started: Promise.race([started, ended.then(() => undefined)]),
      ended,
      members: () => this.#membersOf(pending, this.members()),
      leader: () => this.#leaderOf(pending),
      check: () => this.#check(lane.number, pending),
    };
  }

  /** Everything that runs in the cage, the holder included. */
  members(): Entry[] {
    return this.#isOpen ? this.#caged.members() : [];
  }

  /** How many of the places for processes and threads are taken. */
  places(): number {
    return this.#isOpen ? this.#caged.places() : 0;
  }

  /** What runs in the cage and belongs to no other task than `task`; the processes that hold the cage are left out. */
  looseMembers(task: Task): Entry[] {
    const all = this.members();
    const taken = new Set<number>();
    for (const [lane, pending] of this.#pending) {
      const waiter = this.#waiterOf(pending, all);
      if (waiter) taken.add(waiter.pid).add(waiter.parent);
      if (lane !== task.lane.number) for (const { pid } of this.#membersOf(pending, all)) taken.add(pid);
    }
    return all.filter(({ pid }) => !taken.has(pid));
  }

  /** True when nothing runs in it but what holds it and `tasks`. */
  isIdleBut(tasks: number): boolean {
    // The holder, and for each task the process that waits for it and its bash.
    return this.members().length <= 1 + 2 * tasks;
  }

  /** Ends everything in it. */
  async close(graceMs: number): Promise<void> {
    await this.#caged.kill(graceMs);
    this.#ended();
  }

  #waiterOf({ waiter }: Pending, all: readonly Entry[]): Entry | undefined {
    return waiter === null ? undefined : all.find(({ pid }) => pidInside(pid) === waiter);
  }

  #membersOf(pending: Pending, all: readonly Entry[]): Entry[] {
    const root = this.#waiterOf(pending, all);
    const family = new Set(root ? descendantsOf(root.pid, all) : []);
    const assignment = `${markName}=${pending.mark}`;
    return all.filter((entry) => entry !== root && (family.has(entry) || hasAssignment(entry.pid, assignment)));
  }

  #leaderOf(pending: Pending): Entry | null {
    const all = this.members();
    const root = this.#waiterOf(pending, all);
    return all.find(({ parent }) => parent === root?.pid) ?? null;
  }

  /** What it said last may still be on its way. */
  #check(lane: number, pending: Pending): void {
    if (pending.waiter === null) return;
    // Looking for it takes reading the whole process table, and is done for every word with a process.
    pending.waits ??= this.#waiterOf(pending, this.members()) ?? null;
    if (pending.waits && isAlive(pending.waits)) return;
    setTimeout(() => {
      if (this.#pending.get(lane) === pending) this.#finish(lane, null);
    }, lastWordsMs);
  }

  #listen(): void {
    let rest = "";
    this.#caged.stdout.on("data", (chunk: Buffer) => {
      const lines = `${rest}${chunk.toString("latin1")}`.split("\n");
      rest = (lines.pop() ?? "").slice(0, 100);
      for (const line of lines) this.#hear(line);
    });
    // Later bash says here when one of its children was killed.
    this.#caged.stderr.on("data", (chunk: Buffer) => {
      if (this.#words.length < mostWords) this.#words += chunk.toString("latin1");
    });
  }

  #stillborn(): PaddockError {
    if (this.stopped !== null) return new PaddockError("cage_stopped", this.stopped);
    const words = visibleLine(this.#words.trim().slice(0, mostWords));
    return new PaddockError(
      "sandbox_unavailable",
      `The cage ended before anything could run in it${words === "" ? "." : `: ${words}`}`,
      "Try again; if it stays so, the owner finds out more with `paddock doctor`.",
    );
  }

  #hear(line: string): void {
    if (line === "ready") this.#begun.resolve();
    const [, word, lane, value] = /^(started|ended) (\d{1,9}) (\d{1,9})$/.exec(line) ?? [];
    const pending = this.#pending.get(Number(lane));
    if (!pending) return;
    if (word === "ended") {
      this.#finish(Number(lane), Number(value));
      return;
    }
    pending.waiter = Number(value);
    pending.begin();
  }

  #finish(lane: number, code: number | null): void {
    this.#pending.get(lane)?.end(code);
    this.#pending.delete(lane);
  }

  #ended(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#begun.resolve();
    for (const lane of [...this.#pending.keys()]) this.#finish(lane, null);
    this.lanes.close();
  }
}
