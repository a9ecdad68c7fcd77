/** Reading text by lines: slices, continuation, limits, and what is not text. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readText, type Selection, type TextRead } from "./read-text.ts";
import { revisionOf } from "./revision.ts";
import { numbered } from "./text-slice.ts";
import { codeOf, makeWorld } from "./tree.fixture.ts";

const { signal } = new AbortController();
const textOf = (read: TextRead) => read.bytes.toString();
const mebibyte = 1024 * 1024;

test("the parts of a file that can be asked for", async (context) => {
  const text = "one\ntwo\r\nthree\n\nfive";
  const { roots, at } = makeWorld(context, { file: text, ended: "a\nb\n", empty: "" });
  const size = text.length;
  const rows: [string, Selection, Partial<TextRead & { content: string }>][] = [
    ["file", {}, { content: text, lines: null, truncated: false, nextOffset: null, size }],
    ["file", { offset: 2, limit: 2 }, { content: "two\r\nthree\n", lines: 2, truncated: true, nextOffset: 4 }],
    ["file", { offset: 4 }, { content: "\nfive", lines: 2, truncated: false, nextOffset: null }],
    ["file", { limit: 1 }, { content: "one\n", lines: 1, truncated: true, nextOffset: 2 }],
    ["file", { offset: 5, limit: 9 }, { content: "five", lines: 1, truncated: false, nextOffset: null }],
    ["file", { head: 2 }, { content: "one\ntwo\r\n", lines: 2, truncated: true, nextOffset: 3 }],
    ["file", { tail: 2 }, { content: "\nfive", lines: 2, truncated: false, nextOffset: null }],
    ["file", { tail: 99 }, { content: text, lines: 5, truncated: false, nextOffset: null }],
    ["ended", { tail: 1 }, { content: "b\n", lines: 1, truncated: false, nextOffset: null }],
    ["ended", { offset: 2 }, { content: "b\n", lines: 1, truncated: false, nextOffset: null }],
    ["empty", {}, { content: "", truncated: false, nextOffset: null }],
    ["empty", { offset: 1 }, { content: "", lines: 0, truncated: false, nextOffset: null }],
    ["empty", { tail: 3 }, { content: "", lines: 0, truncated: false, nextOffset: null }],
  ];
  for (const [path, selection, expected] of rows) {
    const read = await readText(roots, at(path), selection, signal);
    const shown = { ...read, content: textOf(read as TextRead) };
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, shown[key as keyof typeof shown]]));
    assert.deepEqual(found, expected, `${path} ${JSON.stringify(selection)}`);
  }
  assert.equal(await (await readText(roots, at("file"), {}, signal)).revision, revisionOf(text));
});

test("a part beyond the end, or asked for in two ways, is invalid_input", async (context) => {
  const { roots, at } = makeWorld(context, { file: "a\nb\n", open: "a\nb" });
  for (const selection of [
    { offset: 3 },
    { offset: 99 },
    { head: 1, tail: 1 },
    { offset: 1, head: 1 },
    { limit: 1, tail: 1 },
  ]) {
    assert.equal(
      await codeOf(() => readText(roots, at("file"), selection, signal)),
      "invalid_input",
      JSON.stringify(selection),
    );
  }
  assert.equal(await codeOf(() => readText(roots, at("open"), { offset: 3 }, signal)), "invalid_input");
});

test("numbered lines have six places and a bar", () => {
  assert.equal(numbered("a\n\nb", 9), "     9|a\n    10|\n    11|b");
  assert.equal(numbered("a\n", 1), "     1|a\n");
  assert.equal(numbered("", 1), "");
});

/** Reads on until there is no more, as a caller would. */
async function readAll(read: (offset: number) => Promise<TextRead>): Promise<string> {
  let text = "";
  for (let offset: number | null = 1; offset !== null; ) {
    const part: TextRead = await read(offset);
    text += textOf(part);
    offset = part.nextOffset;
  }
  return text;
}

for (const [name, lines] of [
  ["held", 40_000],
  ["scanned", 120_000],
] as const) {
  test(`a large file that is ${name} is read to its end by going on at next_offset`, async (context) => {
    const { root, roots, at } = makeWorld(context);
    const text = Array.from({ length: lines }, (_, index) => `line ${index} ${"ä".repeat(40)}\n`).join("");
    writeFileSync(join(root, "large"), text);
    const read = async (offset: number) =>
      (await readText(roots, at("large"), offset === 1 ? {} : { offset }, signal)) as TextRead;
    assert.equal(await readAll(read), text);
    const tail = (await readText(roots, at("large"), { tail: 2 }, signal)) as TextRead;
    assert.equal(textOf(tail), text.slice(text.lastIndexOf(`line ${lines - 2}`)));
    assert.equal(tail.revision === null, Buffer.byteLength(text) > 8 * mebibyte);
    assert.equal(await codeOf(() => readText(roots, at("large"), { offset: lines + 2 }, signal)), "invalid_input");
  });
}

test("a line that is longer than an answer is cut between two characters, and the answer says so", async (context) => {
  const { root, roots, at } = makeWorld(context);
  writeFileSync(join(root, "one-line"), `x${"ä".repeat(mebibyte)}`);
  const read = (await readText(roots, at("one-line"), {}, signal)) as TextRead;
  assert.deepEqual(
    {
      length: read.bytes.length,
      lines: read.lines,
      truncated: read.truncated,
      nextOffset: read.nextOffset,
    },
    { length: mebibyte - 1, lines: 0, truncated: true, nextOffset: null },
  );
});

test("bytes that are not text are binary_file, and images are told by their content", async (context) => {
  const { root, roots, at } = makeWorld(context, { nul: "a\0b" });
  writeFileSync(join(root, "latin1"), Buffer.from([0x66, 0xfc, 0x72]));
  writeFileSync(join(root, "picture.txt"), Buffer.from("89504e470d0a1a0a0000", "hex"));
  for (const path of ["nul", "latin1"]) {
    assert.equal(await codeOf(() => readText(roots, at(path), {}, signal)), "binary_file");
    assert.equal(await codeOf(() => readText(roots, at(path), { offset: 1 }, signal)), "binary_file");
  }
  const read = await readText(roots, at("picture.txt"), {}, signal);
  assert.equal("mimeType" in read && read.mimeType, "image/png");
});

test("a scan of a large file ends when the call is cancelled", async (context) => {
  const { root, roots, at } = makeWorld(context);
  writeFileSync(join(root, "large"), Buffer.alloc(9 * mebibyte, "x\n"));
  assert.equal(
    await codeOf(() => readText(roots, at("large"), { offset: 1_000_000 }, AbortSignal.abort())),
    "cancelled",
  );
});
