/** Waiting for something to become true, and looking at the processes of this machine. */
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const usualMs = 20_000;
const stepMs = 50;

/** The first truthy value; rejects when there is none in time, 20 s unless said otherwise. */
export async function until<T>(
  look: () => T | Promise<T>,
  longestMs = usualMs,
): Promise<Exclude<T, false | null | undefined>> {
  const end = Date.now() + longestMs;
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<T, false | null | undefined>;
    if (Date.now() > end) throw new Error(`still not so after ${longestMs} ms: ${look}`);
    await wait(stepMs);
  }
}

/** Command lines of all processes. */
export function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return [];
      }
    });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
