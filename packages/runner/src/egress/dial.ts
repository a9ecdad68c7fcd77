/** Connects to one of some addresses that were checked before. No name takes part. */
import { connect, type OnReadOpts, type Socket } from "node:net";
import { PaddockError } from "@paddock/contract";

export interface DialOptions {
  timeoutMs: number;
  signal: AbortSignal;
  onread?: OnReadOpts | undefined;
}

/** Tries one after the other, `timeoutMs` for all of them. Throws unavailable when none answers, or the signal's reason. */
export async function dial(
  addresses: readonly string[],
  port: number,
  { timeoutMs, signal, onread }: DialOptions,
): Promise<Socket> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  let why = "nothing answered in time";
  for (const host of addresses) {
    if (until.aborted) break;
    try {
      return await connected({ host, port, ...(onread ? { onread } : {}) }, until);
    } catch (error) {
      why = (error as NodeJS.ErrnoException).code ?? why;
    }
  }
  signal.throwIfAborted();
  throw new PaddockError("unavailable", `No connection could be made (${why}).`, "Try again, or check host and port.");
}

function connected(to: { host: string; port: number; onread?: OnReadOpts }, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ ...to, allowHalfOpen: true, noDelay: true });
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      signal.removeEventListener("abort", onAbort);
      socket.off("connect", onConnect).off("error", onError);
      act();
    };
    const onConnect = () => settle(() => resolve(socket));
    const onError = (fault: Error) => settle(() => reject(fault));
    const onAbort = () =>
      settle(() => {
        socket.on("error", () => undefined).destroy();
        reject(signal.reason);
      });
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", onConnect).once("error", onError);
  });
}
