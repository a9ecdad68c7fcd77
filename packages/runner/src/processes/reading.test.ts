import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { OutputLog } from "./output-log.ts";
import { gather, type Readable, readOutput } from "./reading.ts";

const running = { running: true, record: { state: "running", exitCode: null } } as const;

function printing(...chunks: (string | Buffer)[]): Readable & { printed: { stdout: OutputLog } } {
  const printed = { stdout: new OutputLog(10_000), stderr: new OutputLog(10_000) };
  for (const chunk of chunks) printed.stdout.push(Buffer.from(chunk));
  return { ...running, printed };
}

/** Whether it waits, rather than being over at once. */
async function waits(promise: Promise<void>): Promise<boolean> {
  const isFirst = await Promise.race([promise.then(() => false), nextTurn(true)]);
  await promise;
  return isFirst;
}

test("only output that pours and would not fill the answer is waited for", async () => {
  const much = "x".repeat(40_000);
  const full = printing(much);
  assert.equal(await waits(gather(printing("typed"), "0.0", 65_536)), false);
  assert.equal(await waits(gather(full, "0.0", 40_000)), false);
  assert.equal(await waits(gather({ ...full, running: false }, "0.0", 65_536)), false);
  assert.equal(await waits(gather({ ...running, printed: null }, "0.0", 65_536)), false);
  // Where this process itself stood still for too long in between, it does not look like pouring.
  const pouring = printing();
  do pouring.printed.stdout.push(Buffer.from(much));
  while (!(await waits(gather(pouring, `${pouring.printed.stdout.total}.0`, 65_536))));
});

test("the end of the output is so many characters of it, whatever they take in bytes", () => {
  for (const [text, count, end] of [
    ["short", 10, "short"],
    ["a€b😀c", 2, "😀c"],
    ["a€b😀c", 4, "€b😀c"],
    [`${"€".repeat(100)}ab`, 3, "€ab"],
  ] as const) {
    const { stdout, cursor, skipped } = readOutput(printing(text), { tailChars: count }, 65_536);
    const size = Buffer.byteLength(text);
    assert.deepEqual(
      [stdout.toString(), cursor, skipped],
      [end, `${size}.0`, { stdout: size - Buffer.byteLength(end), stderr: 0 }],
    );
  }
});

test("the end of an output with a gap goes back to the gap, also where it wraps around in memory", () => {
  const text = Array.from({ length: 300 }, (_, number) => `${number}\n`).join("");
  const log = new OutputLog(400);
  for (const chunk of [text.slice(0, 700), text.slice(700)]) log.push(Buffer.from(chunk));
  const printed = { stdout: log, stderr: new OutputLog(400) };
  const read = readOutput({ ...running, printed }, { tailChars: 350 }, 65_536);
  assert.equal(read.stdout.toString(), text.slice(-300));
});
