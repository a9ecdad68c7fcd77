/** Connects to one of some addresses that were checked before. No name takes part. */
import { connect, type Socket } from "node:net";
import { PaddockError } from "@paddock/contract";

/** Tries one after the other, `timeoutMs` for all of them. Throws unavailable when none answers, or the signal's reason. */
export async function dial(
  addresses: readonly string[],
  port: number,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Socket> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  let why = "nothing answered in time";
  for (const host of addresses) {
    if (until.aborted) break;
    try {
      return await connected(host, port, until);
    } catch (error) {
      why = (error as NodeJS.ErrnoException).code ?? why;
    }
  }
  signal.throwIfAborted();
  throw new PaddockError("unavailable", `No connection could be made (${why}).`, "Try again, or check host and port.");
}

function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners();
      act();
    };
    const abort = () =>
      settle(() => {
        socket.on("error", () => undefined).destroy();
        reject(signal.reason);
      });
    signal.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => settle(() => resolve(socket)));
    socket.once("error", (fault) => settle(() => reject(fault)));
  });
}
