/** Answers as JSON bytes: the same as JSON.stringify would write, whatever the text holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findTool } from "@paddock/contract/tools";
import { answerJson } from "./answer-json.ts";
import { jsonText } from "./json-text.ts";

const tool = findTool("read_text_file");
const bare = findTool("fetch");
assert.ok(tool && bare);

const read = (bytes: Buffer) => {
  const outcome = {
    summary: "s",
    data: { path: "/p", content: "" },
    text: { field: "content", json: jsonText(bytes) },
  };
  return JSON.parse(answerJson(tool, outcome).toString());
};

test("text given as bytes stands in the answer as it would have as a string", () => {
  const every = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join("");
  const texts = [
    "",
    "a",
    '"',
    "\\",
    "\n\n\n\n\n",
    "\u0000".repeat(99),
    every,
    every.repeat(50),
    'ä"€\\😀\n'.repeat(1000),
    "x".repeat(100_001),
  ];
  for (const text of texts) {
    for (let shift = 0; shift < 5; shift += 1) {
      const content = "-".repeat(shift) + text;
      const expected = { ok: true, tool: "read_text_file", summary: "s", data: { path: "/p", content } };
      assert.deepEqual(read(Buffer.from(content)), expected);
    }
  }
});

test("any text of random signs survives", () => {
  const signs = ['"', "\\", "\n", "\t", "\u0001", "a", "Z", " ", "é", "\u2028", "😀"];
  let seed = 42;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return signs[seed % signs.length] ?? "";
  };
  for (let round = 0; round < 300; round += 1) {
    const content = Array.from({ length: round }, next).join("");
    assert.equal(read(Buffer.from(`xx${content}`).subarray(2)).data.content, content);
  }
});

test("a sign is written right whatever stands beside it, wherever in a group of four both stand", () => {
  const signs = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), "\u0080", "é", "\uffff"];
  const together = signs.flatMap((one) => signs.map((other) => `${one}${other}`)).join("");
  for (const before of ["", "-", "--", "---"]) {
    for (const between of ["", "-", "  "]) {
      const content = before + together.replaceAll("a", `a${between}`);
      assert.equal(read(Buffer.from(content)).data.content, content);
    }
  }
  for (const one of signs) {
    for (let place = 0; place < 4; place += 1) {
      const content = `${"x".repeat(place)}${one}${"x".repeat(7 - place)}`;
      assert.equal(read(Buffer.from(content)).data.content, content);
    }
  }
});

test("an answer that has more before its text than there is room for is written, too", () => {
  const summary = "s".repeat(20_000);
  const text = { field: "content", json: jsonText(Buffer.from('"t"\n')) };
  assert.equal(
    answerJson(tool, { summary, data: { path: "/p", content: "" }, text }).toString(),
    JSON.stringify({ ok: true, tool: "read_text_file", summary, data: { path: "/p", content: '"t"\n' } }),
  );
});

test("answers without such text, and those without the envelope, are written, too", () => {
  assert.equal(
    answerJson(tool, { summary: "s", data: { a: 1 } }).toString(),
    '{"ok":true,"tool":"read_text_file","summary":"s","data":{"a":1}}',
  );
  assert.equal(answerJson(bare, { summary: "s", data: { id: "i" } }).toString(), '{"id":"i"}');
  const text = { field: "text", json: jsonText(Buffer.from("t\n")) };
  assert.equal(
    answerJson(bare, { summary: "s", data: { id: "i", text: "" }, text }).toString(),
    '{"id":"i","text":"t\\n"}',
  );
});
