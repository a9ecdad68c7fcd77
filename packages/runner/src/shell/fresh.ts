/** Runs a command that was allowed more than the cage of its domain gives: once, in a fresh process, with a clean environment. */

import type { PausingTimer } from "../egress/pauses.ts";
import type { Printed } from "../processes/background.ts";
import { OutputLog } from "../processes/output-log.ts";
import type { Entry } from "../processes/process-table.ts";
import type { Caged, CageSpec, Cages } from "../sandbox/cage.ts";
import { throwIfStopped } from "../sandbox/collect.ts";

export interface FreshCommand {
  text: string;
  spec: Omit<CageSpec, "argv">;
  timeoutMs: number;
  onTimeout: "kill" | "promote";
  /** Measures `timeoutMs`. */
  timer: PausingTimer;
  outputBytes: number;
  signal: AbortSignal;
  /** Told where its output goes, when it begins. */
  prints(output: Printed): void;
}

export interface FreshRan {
  printed: Printed;
  exitCode: number | null;
  timedOut: boolean;
  /** What goes on in the background. */
  promoted: { ended: Promise<number | null>; members(): Entry[] } | null;
}

const graceMs = 2_000;

/** `onOutput` is called whenever something was printed, `onEnd` once when nothing runs any more or ever did. Throws the signal's reason when that is aborted. */
export async function runFresh(
  cages: Pick<Cages, "start">,
  command: FreshCommand,
  onOutput: () => void,
  onEnd: () => void,
): Promise<FreshRan> {
  const { onTimeout, outputBytes, signal } = command;
  const caged = await begin(cages, command).catch((error: unknown) => {
    onEnd();
    throw error;
  });
  void caged.exited.then(onEnd);
  caged.stdin.end();
  const printed = { stdout: new OutputLog(outputBytes / 2), stderr: new OutputLog(outputBytes / 2) };
  command.prints(printed);
  for (const stream of ["stdout", "stderr"] as const) {
    caged[stream].on("data", (chunk: Buffer) => {
      printed[stream].push(chunk);
      onOutput();
    });
  }
  const ended = caged.exited.then(({ code }) => code);
  const end = await firstOf(caged, command);
  if (end === "timeout" && onTimeout === "promote") {
    return { printed, exitCode: null, timedOut: true, promoted: { ended, members: () => caged.members() } };
  }
  if (end !== "ended") await caged.kill(graceMs);
  throwIfStopped(caged);
  if (end === "aborted") throw signal.reason;
  return { printed, exitCode: end === "ended" ? await ended : null, timedOut: end === "timeout", promoted: null };
}

async function begin(cages: Pick<Cages, "start">, { text, spec, signal }: FreshCommand): Promise<Caged> {
  signal.throwIfAborted();
  return cages.start({ ...spec, argv: ["/bin/bash", "--norc", "--noprofile", "-c", text] });
}

function firstOf(caged: Caged, { timeoutMs, timer, signal }: FreshCommand): Promise<"ended" | "timeout" | "aborted"> {
  return new Promise((resolve) => {
    const settle = (end: "ended" | "timeout" | "aborted") => {
      stopTimer();
      signal.removeEventListener("abort", abort);
      resolve(end);
    };
    const abort = () => settle("aborted");
    const stopTimer = timer(timeoutMs, () => settle("timeout"));
    signal.addEventListener("abort", abort, { once: true });
    void caged.exited.then(() => settle("ended"));
  });
}
