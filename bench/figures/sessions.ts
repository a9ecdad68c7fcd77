/** Sessions through hub and runner: how fast they print, how soon a key is echoed, how soon Ctrl-C makes them quiet. */
import { setTimeout as delay } from "node:timers/promises";
import type { Figure } from "../figure.ts";
import type { Caller } from "../stage.ts";
import { median } from "../statistics.ts";

const floodMs = 4_000;
const largest = 1_000_000;
const mark = "ready to go";

export const sessions: Figure = {
  name: "sessions",
  async measure({ caller }) {
    const [stream, echo, quiet] = [await flood(caller), await keys(caller), await interrupts(caller)];
    return [
      { name: "session: output read", unit: "MB/s", ours: stream, base: null, limit: { least: 25 }, note: slowReader },
      { name: "session: key to echo", unit: "us", ours: echo * 1000, base: null, limit: { most: 1000 } },
      { name: "session: Ctrl-C to quiet", unit: "ms", ours: quiet, base: null, limit: { most: 150 } },
    ];
  },
};

const slowReader = "with a second reader that takes 64 kB every 50 ms";

interface Reading {
  stdout: string;
  cursor: string;
  skipped: { stdout: number };
}

/** Megabytes a second that one reader gets while another is slow. */
async function flood({ call }: Caller): Promise<number> {
  const { id } = await call("start_session", { command: `yes ${"0123456789".repeat(8)}` });
  const until = performance.now() + floodMs;
  const slow = (async () => {
    for (let cursor = "0.0"; performance.now() < until; await delay(50)) {
      cursor = (await read(call, id, cursor, 65_536)).cursor;
    }
  })();
  let bytes = 0;
  const begun = performance.now();
  for (let cursor = "0.0"; performance.now() < until; ) {
    const reading = await read(call, id, cursor, largest);
    cursor = reading.cursor;
    bytes += reading.stdout.length;
  }
  const seconds = (performance.now() - begun) / 1000;
  await slow;
  await call("stop_process", { id, force: true });
  return bytes / 1e6 / seconds;
}

const read = async (call: Caller["call"], id: unknown, cursor: string, maxBytes: number): Promise<Reading> =>
  (await call("process_output", { id, cursor, max_bytes: maxBytes })) as unknown as Reading;

/** Median milliseconds from the call that types a key to the answer that has its echo. */
async function keys({ call }: Caller): Promise<number> {
  const { id } = await call("start_session", { command: `stty raw -echo; echo "${mark}"; exec cat` });
  let cursor = await untilSaid(call, id, mark, "0.0");
  const times: number[] = [];
  for (let turn = 0; turn < 300; turn += 1) {
    const heard = call("wait_process", { id, until: "output", cursor, timeout_seconds: 10 });
    // It waits at the runner before the key is typed.
    await delay(2);
    const begun = performance.now();
    const typed = call("write_process", { id, input: "x" });
    ({ cursor } = (await heard) as unknown as Reading);
    times.push(performance.now() - begun);
    await typed;
  }
  await call("stop_process", { id, force: true });
  return median(times);
}

/** Median milliseconds from typing Ctrl-C into a flood to the last byte that is printed. */
async function interrupts({ call }: Caller): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < 7; turn += 1) {
    const { id } = await call("start_session", { command: "trap : INT; yes; read -r" });
    await untilSaid(call, id, "y", "0.0");
    await delay(300);
    const { cursor } = await call("process_output", { id, tail_chars: 1 });
    const begun = performance.now();
    await call("write_process", { id, input: "\u0003" });
    times.push((await lastOutput(call, id, cursor)) - begun);
    await call("stop_process", { id, force: true });
  }
  return median(times);
}

/** When it printed last, after which it was silent for a while. */
async function lastOutput(call: Caller["call"], id: unknown, after: unknown): Promise<number> {
  let at = performance.now();
  for (let cursor = after; ; ) {
    const reading = await call("wait_process", {
      id,
      until: "output",
      cursor,
      timeout_seconds: 0.5,
      max_bytes: largest,
    });
    if (reading.timed_out) return at;
    at = performance.now();
    ({ cursor } = reading as unknown as Reading);
  }
}

async function untilSaid(call: Caller["call"], id: unknown, text: string, after: string): Promise<string> {
  for (let cursor = after, said = ""; ; ) {
    const reading = (await call("wait_process", { id, until: "output", cursor })) as unknown as Reading;
    said += reading.stdout;
    ({ cursor } = reading);
    if (said.includes(text)) return cursor;
  }
}
