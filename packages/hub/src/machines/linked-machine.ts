/** One machine, and whichever of its links is the newest. A newer link replaces an older one, which is told so. */
import type { HeadWord, MachineId } from "@paddock/contract";
import type { Bye } from "@paddock/contract/link";
import type { Wire } from "@paddock/link";
import type { Logger } from "pino";
import type { QuestionEvents } from "../approvals/inbox.ts";
import type { About, LinkedMachine, MachineIdentity, MachineRecords, RunEvents } from "./machine.ts";
import { linkToRunner, type RunnerLink } from "./runner-link.ts";

export interface AttachableMachine extends LinkedMachine {
  /** Speaks to the runner at the other end; it counts as there once it has said hello. */
  attach(wire: Wire): void;
  /** Asks its runner to make another key. False when no runner is there. */
  rotateKey(): boolean;
  /** Takes what the owner has changed. */
  become(identity: MachineIdentity): void;
  /** Ends every link; the runner is told why. */
  drop(bye: Omit<Bye, "type">): void;
  close(): void;
}

export interface MachineParts {
  /** What the runner is told this side is called. */
  hub: string;
  log: Pick<Logger, "debug" | "warn">;
  /** Null where this side has no audit log. */
  records: MachineRecords | null;
  /** Who listens by now. */
  runs(): RunEvents | null;
  questions(): QuestionEvents | null;
  changed(machine: LinkedMachine): void;
  /** Its runner has made another key. Returns whether the machine is known by it now. */
  newKey(machine: MachineId, key: string, signature: string): boolean;
  /** Its runner was heard. */
  seen(machine: MachineId, hostname: string): void;
}

export const openMachine = (
  identity: MachineIdentity,
  lastSeenAt: number | null,
  parts: MachineParts,
): AttachableMachine => new OneMachine(identity, lastSeenAt, parts);

const replaced = {
  code: "link_replaced",
  message: "Another connection with the key of this machine has taken its place.",
} as const;

class OneMachine implements AttachableMachine {
  readonly #parts: MachineParts;
  readonly #listeners = new Set<() => void>();
  readonly #links = new Set<RunnerLink>();
  readonly #heads: ReturnType<MachineRecords["headsOf"]> | undefined;
  readonly #stopTelling: (() => void) | undefined;
  #identity: MachineIdentity;
  #current: RunnerLink | null = null;
  #about: About | null = null;
  /** What the runner calls its host. */
  #hostname = "";
  #lastSeenAt: number | null;

  constructor(identity: MachineIdentity, lastSeenAt: number | null, parts: MachineParts) {
    this.#identity = identity;
    this.#lastSeenAt = lastSeenAt;
    this.#parts = parts;
    this.#heads = parts.records?.headsOf(identity.id);
    this.#stopTelling = this.#heads?.onWord((word) => this.#current?.head(word));
  }

  get id() {
    return this.#identity.id;
  }
  get name() {
    return this.#identity.name;
  }
  get labels() {
    return this.#identity.labels;
  }
  get disabled() {
    return this.#identity.disabled;
  }
  get online() {
    return this.#current !== null;
  }
  get lastSeenAt() {
    const at = this.online ? Date.now() : this.#lastSeenAt;
    return at === null ? null : new Date(at).toISOString();
  }
  get about() {
    return this.#about;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call: LinkedMachine["call"] = (call) => this.#current?.call(call) ?? false;
  cancel: LinkedMachine["cancel"] = (run) => this.#current?.cancel(run) ?? false;
  go: LinkedMachine["go"] = (run) => this.#current?.go(run) ?? false;
  acknowledge: LinkedMachine["acknowledge"] = (runs) => this.#current?.acknowledge(runs) ?? false;
  query: LinkedMachine["query"] = (run, principal) => this.#current?.query(run, principal) ?? false;
  answer: LinkedMachine["answer"] = (frame) => this.#current?.answer(frame) ?? false;
  endPrincipal: LinkedMachine["endPrincipal"] = (principal) => this.#current?.endPrincipal(principal) ?? false;

  rotateKey(): boolean {
    return this.#current?.rotateKey() ?? false;
  }

  become(identity: MachineIdentity): void {
    this.#identity = identity;
    this.#tell();
  }

  drop(bye: Omit<Bye, "type">): void {
    for (const link of this.#links) link.close(bye);
  }

  close(): void {
    this.#stopTelling?.();
    if (this.online) this.#seen();
    this.#current = null;
    for (const link of this.#links) link.close();
  }

  attach(wire: Wire): void {
    const { id } = this;
    const { log, runs, questions } = this.#parts;
    const link: RunnerLink = linkToRunner(wire, this.#parts.hub, {
      hello: (hostname, boot, about) => {
        log.debug({ machine: hostname, boot }, "runner linked");
        this.#hostname = hostname;
        this.#use(link, about);
      },
      about: (about) => {
        if (link !== this.#current) return;
        this.#about = about;
        this.#tell();
      },
      head: (word) => {
        if (link === this.#current) this.#heads?.hear(word);
      },
      newKey: (key, signature) => {
        if (link === this.#current && this.#parts.newKey(id, key, signature)) link.keyTaken(key);
      },
      accepted: (run) => runs()?.accepted(id, run),
      state: (run, state, approval) => runs()?.state(id, run, state, approval),
      result: (run, result) => runs()?.result(id, run, result),
      question: (frame) => {
        if (link === this.#current) questions()?.hear(id, frame);
      },
      held: (run) => runs()?.held(id, run),
      noRun: (run) => runs()?.noRun(id, run),
      closed: (reason) => this.#closed(link, reason),
    });
    this.#links.add(link);
  }

  #use(link: RunnerLink, about: About): void {
    const { id, name } = this;
    const { records, questions, runs } = this.#parts;
    this.#current?.close(replaced);
    this.#current = link;
    this.#about = about;
    this.#seen();
    records?.audit.write({ event: "link.opened", machine: name, detail: { id } });
    link.head(this.#greeting());
    questions()?.cleared(id);
    this.#tell();
    runs()?.connected(id);
  }

  #greeting(): HeadWord | null {
    return this.#heads?.greeting() ?? null;
  }

  #closed(link: RunnerLink, reason: string): void {
    this.#links.delete(link);
    if (link !== this.#current) return;
    const { id, name } = this;
    this.#parts.log.warn({ machine: name, reason }, "runner gone");
    this.#parts.records?.audit.write({ event: "link.closed", machine: name, detail: { id, reason } });
    this.#current = null;
    this.#seen();
    this.#parts.questions()?.cleared(id);
    this.#tell();
  }

  #seen(): void {
    this.#lastSeenAt = Date.now();
    this.#parts.seen(this.id, this.#hostname);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
    this.#parts.changed(this);
  }
}
