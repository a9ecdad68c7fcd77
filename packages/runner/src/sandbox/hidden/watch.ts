/**
 * Watches the places of what is hidden while cages run that show what is around them. A cover is bound to the file that was
 * there: one that is put in its place on the host would be seen inside.
 */
import { Worker } from "node:worker_threads";

export interface Place {
  path: string;
  /** The folder shown by a cage in which the path lies. */
  from: string;
}

export type Said = { type: "watching" } | { type: "changed"; path: string };

export class HiddenWatch {
  readonly #onChange: (path: string) => void;
  readonly #known = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  #worker: Worker | null = null;
  #ready: Promise<void> = Promise.resolve();

  /** `onChange` is called with a path at which something else stands since it is watched. */
  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
  }

  /** True when all of them are watched already; else resolves when they are. They stay so until the end. */
  watch(places: readonly Place[]): true | Promise<void> {
    const fresh = places.filter(({ path, from }) => !this.#known.has(`${from}\0${path}`));
    if (fresh.length === 0 && this.#waiting.length === 0) return true;
    if (fresh.length === 0) return this.#ready;
    for (const { path, from } of fresh) this.#known.add(`${from}\0${path}`);
    this.#worker ??= this.#begin();
    this.#worker.ref();
    this.#worker.postMessage(fresh);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#ready = Promise.all([this.#ready, promise]).then(() => undefined);
    return this.#ready;
  }

  close(): void {
    void this.#worker?.terminate();
  }

  #begin(): Worker {
    const worker = new Worker(new URL("watch-thread.ts", import.meta.url), { env: {}, execArgv: [] });
    worker.on("message", (said: Said) => {
      if (said.type === "changed") return this.#onChange(said.path);
      this.#waiting.shift()?.();
      // It must not keep this process alive when nobody waits for it.
      if (this.#waiting.length === 0) worker.unref();
    });
    return worker;
  }
}
