/** Keeps a link to the hub: dials its socket on this machine, and dials again when it is lost. */
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";
import { openPeer, type Peer, type PeerParts, socketOptions } from "./peer.ts";

export interface Dialled {
  /** Resolves when the hub has said welcome for the first time. */
  readonly linked: Promise<void>;
  readonly connected: boolean;
  announce(): void;
  close(): void;
}

const firstDelayMs = 10;
const longestDelayMs = 5_000;

/** `path` is the hub's unix socket. */
export function dialHub(path: string, parts: PeerParts): Dialled {
  const link = new HubLink(path, parts);
  void link.start();
  return link;
}

class HubLink implements Dialled {
  readonly #path: string;
  readonly #parts: PeerParts;
  readonly #stop = new AbortController();
  readonly linked: Promise<void>;
  #onLinked: () => void = () => {};
  #peer: Peer | null = null;

  constructor(path: string, parts: PeerParts) {
    this.#path = path;
    this.#parts = parts;
    this.linked = new Promise((resolve) => {
      this.#onLinked = resolve;
    });
  }

  get connected(): boolean {
    return this.#peer !== null;
  }

  announce(): void {
    this.#peer?.announce();
  }

  close(): void {
    this.#stop.abort();
  }

  async start(): Promise<void> {
    let delay = firstDelayMs;
    while (!this.#stop.signal.aborted) {
      if (await this.#connect()) delay = firstDelayMs;
      await wait(delay * (0.75 + Math.random() / 2), undefined, { signal: this.#stop.signal }).catch(() => undefined);
      delay = Math.min(delay * 2, longestDelayMs);
    }
  }

  /** Resolves when the connection is over; true when there was one. */
  #connect(): Promise<boolean> {
    return new Promise((resolve) => {
      // A mask protects proxies on the way; a socket on this machine has none, and masking costs a pass over every byte.
      const stream = connect(this.#path);
      const socket = new WebSocket(`ws+unix:${this.#path}:/link`, {
        ...socketOptions,
        generateMask: (mask) => mask.fill(0),
        createConnection: () => stream,
      });
      let opened = false;
      const stop = () => socket.close(1001);
      this.#stop.signal.addEventListener("abort", stop, { once: true });
      socket.on("open", () => {
        opened = true;
        this.#peer = openPeer(socket, { ...this.#parts, stream });
        void this.#peer.welcomed.then(this.#onLinked);
      });
      socket.on("error", (fault: NodeJS.ErrnoException) => {
        if (fault.code !== "ENOENT" && fault.code !== "ECONNREFUSED")
          this.#parts.log.warn({ err: fault }, "the link failed");
      });
      socket.on("close", () => {
        this.#stop.signal.removeEventListener("abort", stop);
        this.#peer = null;
        resolve(opened);
      });
    });
  }
}
