import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { lines } from "./lines.ts";

const split = async (chunks: readonly string[], maxBytes = 100) =>
  (await Array.fromAsync(lines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), maxBytes))).map(
    (line) => line?.toString() ?? null,
  );

test("lines are found wherever the chunks end, multi-byte characters whole", async () => {
  const bytes = Buffer.from("one\nzwei é\n\nlast");
  const single = Readable.from(Array.from(bytes, (byte) => Buffer.from([byte])));
  const found = await Array.fromAsync(lines(single, 100));
  assert.deepEqual(
    found.map((line) => line?.toString()),
    ["one", "zwei é", "", "last"],
  );
  assert.deepEqual(await split(["a\nb\n", "c", "\n"]), ["a", "b", "c"]);
});

test("a line that is too long is skipped whole, and the next one is read", async () => {
  assert.deepEqual(await split(["xxx", "xxx", "xx\nnext\n", "12345\n123456\n"], 5), [null, "next", "12345", null]);
});
