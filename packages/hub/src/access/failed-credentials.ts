/** How often each address has shown a wrong credential lately. */
import { PaddockError } from "@paddock/contract";

export class RateLimited extends PaddockError {
  readonly retryAfterSeconds: number;

  constructor(seconds: number) {
    super(
      "rate_limited",
      "Too many wrong credentials from this address.",
      `Wait ${seconds} seconds, then try again with a valid token.`,
    );
    this.retryAfterSeconds = seconds;
  }
}

export interface FailureCount {
  /** Counts one more; returns how many seconds the address has to wait, 0 while it may go on. */
  add(remote: string, now: number): number;
  readonly total: number;
}

interface Window {
  began: number;
  failures: number;
}

const windowMs = 60_000;
/** Addresses remembered at once; the oldest is forgotten first. */
const maxAddresses = 10_000;

export function countFailures(perMinute: number): FailureCount {
  const windows = new Map<string, Window>();
  let total = 0;
  return {
    add(remote, now) {
      total += 1;
      const source = sourceOf(remote);
      const known = windows.get(source);
      const window = known && now - known.began < windowMs ? known : { began: now, failures: 0 };
      if (window !== known) {
        windows.delete(source);
        windows.set(source, window);
      }
      window.failures += 1;
      const [oldest] = windows.keys();
      if (windows.size > maxAddresses && oldest !== undefined) windows.delete(oldest);
      return window.failures > perMinute ? Math.ceil((window.began + windowMs - now) / 1000) : 0;
    },
    get total() {
      return total;
    },
  };
}

/** One customer has a whole /64 of IPv6 addresses. */
function sourceOf(remote: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remote)?.[1];
  if (mapped) return mapped;
  return remote.includes(":") ? expanded(remote).slice(0, 4).join(":") : remote;
}

function expanded(address: string): string[] {
  const [head = "", tail = ""] = address.split("%", 1)[0]?.split("::") ?? [];
  const before = head.split(":").filter(Boolean);
  const after = tail.split(":").filter(Boolean);
  return [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0"), ...after];
}
