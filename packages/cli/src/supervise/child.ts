/** What a supervised process says to the supervisor, and how it says it. */
import { type ErrorCode, errors, PaddockError } from "@paddock/contract";

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

/**
 * Runs one part of Paddock as this process: starts it, tells the supervisor, and ends it when asked to. Resolves when it
 * serves; the process then ends by a signal, or with the supervisor when it has one.
 */
export async function serveAsProcess(start: () => Promise<Running>): Promise<Running> {
  try {
    const running = await start();
    endOnSignal(running);
    tell({ type: "ready", facts: running.facts });
    void running.linked?.then(() => tell({ type: "linked" }));
    return running;
  } catch (error) {
    if (!(error instanceof PaddockError) || !process.send) throw error;
    const { code, message, nextStep } = error;
    tell({ type: "failed", code, message, nextStep });
    process.exitCode = errors[code].exit;
    process.disconnect?.();
    throw error;
  }
}

const tell = (message: ChildMessage): void => void process.send?.(message);

function endOnSignal(running: Running): void {
  let asked = false;
  const stop = () => {
    if (asked) process.exit(1);
    asked = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    void running.close().finally(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
