/** Signs of life while a call takes its time. */
import type { Request } from "./message.ts";

const quickMs = 1000;
const beatMs = 5000;

/** Calls `tell` after a second, and from then on every five, with the seconds gone by. Returns how to stop. */
export function whileWaiting(tell: (seconds: number) => void): () => void {
  let seconds = quickMs / 1000;
  let beat: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    tell(seconds);
    beat = setInterval(() => {
      seconds += beatMs / 1000;
      tell(seconds);
    }, beatMs);
  }, quickMs);
  return () => {
    clearTimeout(first);
    clearInterval(beat);
  };
}

/** Bytes of a progress notification after so many seconds; undefined when the client did not ask for progress. */
export function progressOf({ params }: Request): ((seconds: number) => Buffer) | undefined {
  const progressToken = params?._meta?.progressToken;
  if (typeof progressToken !== "string" && typeof progressToken !== "number") return undefined;
  return (progress) =>
    Buffer.from(
      JSON.stringify({
        jsonrpc: "2.0",
        method: "notifications/progress",
        params: { progressToken, progress, message: `Still running after ${progress} s.` },
      }),
    );
}
