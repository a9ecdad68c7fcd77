import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import type { AuditEntry } from "./audit.ts";
import { chainLine, emptyChain, headOf, shortenInput, verifyChain } from "./audit-chain.ts";

const sha256 = (text: string) => hash("sha256", text);
const entries: AuditEntry[] = [
  { event: "service.started" },
  { event: "call.refused", tool: "write_file", code: "forbidden" },
  { event: "token.created", detail: { name: "laptop" } },
];

function linesOf(from = emptyChain): string[] {
  let head = from;
  return entries.map((entry) => {
    const next = chainLine(head, entry, "2026-01-01T00:00:00.000Z", sha256);
    head = next.head;
    return next.line;
  });
}

/** The first fault of a log, or the number of its records. */
function verdictOn(lines: readonly string[]) {
  const verifier = verifyChain(sha256);
  for (const line of lines) {
    const fault = verifier.next(line);
    if (fault) return fault;
  }
  return verifier.records;
}

test("an untouched chain verifies, also when its beginning was rotated away", () => {
  const lines = linesOf();
  assert.equal(verdictOn(lines), 3);
  assert.equal(verdictOn(lines.slice(1)), 2);
  assert.deepEqual(headOf(lines[2] ?? "", sha256).seq, 3);
});

test("changed, removed, inserted and foreign lines are found at their place", () => {
  const [first = "", second = "", third = ""] = linesOf();
  assert.deepEqual(verdictOn([first, second.replace("forbidden", "denied"), third]), { line: 3, reason: "wrong_hash" });
  assert.deepEqual(verdictOn([first, third]), { line: 2, reason: "wrong_number" });
  assert.deepEqual(verdictOn([first, second, second, third]), { line: 3, reason: "wrong_number" });
  assert.deepEqual(verdictOn([first, "{", third]), { line: 2, reason: "not_a_record" });
  assert.deepEqual(verdictOn([first.replace(/0{64}/, "1".repeat(64)), second]), { line: 1, reason: "wrong_hash" });
});

test("an input is masked and shortened, and says that it was", () => {
  const mask = (text: string) => text.replaceAll("secret", "[masked]");
  assert.deepEqual(
    shortenInput(
      { command: "echo secret", content: "x".repeat(500), deep: [[[["y"]]]], many: Array(22).fill(1), flag: true },
      mask,
    ),
    {
      command: "echo [masked]",
      content: `${"x".repeat(200)}... 500 characters`,
      deep: [[["..."]]],
      many: [...Array(20).fill(1), "... 2 more"],
      flag: true,
    },
  );
});

test("no input makes a large record", () => {
  const wide = (depth: number): unknown =>
    depth === 0
      ? "\0".repeat(1000)
      : Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at}${"k".repeat(500)}`, wide(depth - 1)]));
  const text = JSON.stringify(shortenInput(wide(3), (kept) => kept));
  assert.ok(text.length < 256 * 1024, `${text.length} characters`);
});
