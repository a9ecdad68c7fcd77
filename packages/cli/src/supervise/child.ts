/** What a supervised process says to the supervisor, and how it says it. */
import module from "node:module";
import { type ErrorCode, errors, PaddockError } from "@paddock/contract/errors";

export type ChildMessage =
  | { type: "ready"; facts: Record<string, unknown> }
  | { type: "linked" }
  | { type: "failed"; code: ErrorCode; message: string; nextStep: string };

export interface Running {
  facts: Record<string, unknown>;
  /** Resolves when it has a link to the other part; only a runner has one. */
  linked?: Promise<void>;
  close(): Promise<void>;
}

/** How long work in hand may take to end once the process was asked to stop. */
const graceMs = 5_000;
const tidyAfterMs = 1_000;

/**
 * Runs one part of Paddock as this process: starts it, tells the supervisor, and ends it when asked to. Resolves when it
 * serves; the process then ends by a signal, or with the supervisor when it has one.
 */
export async function serveAsProcess(start: () => Promise<Running>): Promise<Running> {
  try {
    const running = await start();
    endWhenAsked(running);
    setTimeout(tidy, tidyAfterMs).unref();
    void tell({ type: "ready", facts: running.facts });
    void running.linked?.then(() => tell({ type: "linked" }));
    return running;
  } catch (error) {
    if (!(error instanceof PaddockError) || !process.send) throw error;
    const { code, message, nextStep } = error;
    await tell({ type: "failed", code, message, nextStep });
    process.exit(errors[code].exit);
  }
}

/** Writes down for the next start what this one compiled, and gives back the memory that only the start needed. */
function tidy(): void {
  module.flushCompileCache();
  void globalThis.gc?.({ type: "major", flavor: "last-resort" });
}

/** Resolves when the message is on its way; at once where nobody listens. */
const tell = (message: ChildMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });

function endWhenAsked(running: Running): void {
  let asked = false;
  const stop = () => {
    if (asked) process.exit(1);
    asked = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    void running.close().finally(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  if (process.send) {
    // A terminal signals every process in it; the supervisor hears it too, and is the one that asks.
    for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
    process.on("disconnect", stop);
  } else {
    for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, stop);
  }
}
