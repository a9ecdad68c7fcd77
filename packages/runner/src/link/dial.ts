/** Keeps a link to the hub: dials it, and dials again when it is lost, the later the longer nobody answers. */
import { setTimeout as wait } from "node:timers/promises";
import { type ErrorCode, PaddockError } from "@paddock/contract";
import type { Wire } from "@paddock/link";
import type { OwnKey } from "./own-key.ts";
import { openPeer, type Peer, type PeerParts } from "./peer.ts";

export interface Dialled {
  /** Resolves when the hub has said welcome for the first time. */
  readonly linked: Promise<void>;
  readonly connected: boolean;
  /** Why there is no link, as far as that is known and worth telling. */
  readonly problem: PaddockError | null;
  announce(): void;
  close(): void;
}

export interface Attempt {
  /** Another runner has the key of this machine: take the link only if nobody has it. */
  yields: boolean;
  /** Called at once with a wire over which the hub can be spoken to. */
  ready(wire: Wire): void;
  /** There is no wire; null when nobody serves the address, which is no news. */
  failed(reason: PaddockError | null): void;
}

/** How a hub is reached. */
export interface Way {
  dial(attempt: Attempt): void | Promise<void>;
  /** Null where no key is needed. */
  ownKey: OwnKey | null;
  firstDelayMs: number;
  longestDelayMs: number;
}

/** After these another attempt soon would only be refused again. */
const lasting: ReadonlySet<ErrorCode> = new Set(["link_refused", "machine_disabled", "version_mismatch", "wrong_hub"]);

type LinkParts = Omit<PeerParts, "onBye" | "onClosed" | "ownKey">;

export function keepLinked(way: Way, parts: LinkParts): Dialled {
  const link = new HubLink(way, parts);
  void link.start();
  return link;
}

class HubLink implements Dialled {
  readonly #way: Way;
  readonly #parts: LinkParts;
  readonly #stop = new AbortController();
  readonly linked: Promise<void>;
  #onLinked: () => void = () => {};
  #peer: Peer | null = null;
  #problem: PaddockError | null = null;

  constructor(way: Way, parts: LinkParts) {
    this.#way = way;
    this.#parts = parts;
    this.linked = new Promise((resolve) => {
      this.#onLinked = resolve;
    });
  }

  get connected(): boolean {
    return this.#peer !== null;
  }

  get problem(): PaddockError | null {
    return this.#problem;
  }

  announce(): void {
    this.#peer?.announce();
  }

  close(): void {
    this.#stop.abort();
  }

  async start(): Promise<void> {
    const { firstDelayMs, longestDelayMs } = this.#way;
    let delay = firstDelayMs;
    while (!this.#stop.signal.aborted) {
      const wasLinked = await this.#connect();
      if (wasLinked) delay = firstDelayMs;
      if (this.#isLasting()) delay = longestDelayMs;
      await wait(delay * (0.75 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => undefined);
      delay = Math.min(delay * 2, longestDelayMs);
    }
  }

  #isLasting(): boolean {
    return this.#problem !== null && lasting.has(this.#problem.code) && !this.#way.ownKey?.isInDoubt;
  }

  /** Resolves when the connection is over; true when the hub had said welcome. */
  #connect(): Promise<boolean> {
    return new Promise((resolve) => {
      void this.#way.dial({
        yields: this.#problem?.code === "link_replaced",
        ready: (wire) => this.#use(wire, resolve),
        failed: (reason) => {
          if (reason) this.#note(reason);
          resolve(false);
        },
      });
    });
  }

  #use(wire: Wire, over: (wasLinked: boolean) => void): void {
    let welcomed = false;
    const stop = () => wire.close();
    if (this.#stop.signal.aborted) stop();
    this.#stop.signal.addEventListener("abort", stop, { once: true });
    const peer = openPeer(wire, {
      ...this.#parts,
      ownKey: this.#way.ownKey,
      onBye: ({ code, message }) => this.#note(new PaddockError(code, message)),
      onClosed: () => {
        this.#stop.signal.removeEventListener("abort", stop);
        if (this.#peer === peer) this.#peer = null;
        over(welcomed);
      },
    });
    void peer.welcomed.then(() => {
      welcomed = true;
      this.#way.ownKey?.wasTaken();
      if (!wire.isOpen) return;
      this.#peer = peer;
      this.#problem = null;
      this.#onLinked();
    });
  }

  /** The same again is no news. */
  #note(problem: PaddockError): void {
    const { code, message, nextStep } = problem;
    if (this.#problem?.code !== code || this.#problem.message !== message)
      this.#parts.log.warn({ code, nextStep }, `no link to the hub: ${message}`);
    this.#problem = problem;
  }
}
