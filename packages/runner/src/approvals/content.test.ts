import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { contentHash, openContentApprovals } from "./content.ts";

const folder = mkdtempSync(join(tmpdir(), "paddock-content-"));
after(() => rmSync(folder, { recursive: true }));

const now = () => new Date("2026-01-02T03:04:05Z");
const hash = contentHash("skill", ["run.sh", "echo hi"]);
const content = { kind: "skill", path: "/w/.claude/skills/x", hash, text: "echo hi\u001b[2J\n" } as const;

test("content is inert until the owner approves it, and stays approved after a restart", () => {
  const file = join(folder, "approved.json");
  const approvals = openContentApprovals(file, now);
  assert.throws(
    () => approvals.require(content),
    (error) => {
      assert.ok(error instanceof PaddockError);
      assert.equal(error.code, "inert");
      assert.match(error.nextStep, new RegExp(`paddock approve --content ${hash}`));
      return true;
    },
  );
  const pending = {
    kind: "skill",
    path: content.path,
    hash,
    preview: "echo hi\\u{1b}[2J\n",
    at: "2026-01-02T03:04:05.000Z",
  };
  assert.deepEqual(approvals.list(), { approved: [], pending: [pending] });
  assert.deepEqual(openContentApprovals(file, now).approve(hash), pending);
  const reopened = openContentApprovals(file, now);
  assert.deepEqual(reopened.list(), { approved: [pending], pending: [] });
  reopened.require(content);
  assert.equal(reopened.isApproved("hooks", hash), false);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("an approval can be taken back", () => {
  const approvals = openContentApprovals(join(folder, "back.json"), now);
  approvals.ask(content);
  approvals.approve(hash);
  approvals.forget(hash);
  assert.equal(approvals.isApproved("skill", hash), false);
  assert.throws(() => approvals.forget(hash), { code: "not_found" });
});

test("a hash nobody asked for cannot be approved", () => {
  const approvals = openContentApprovals(join(folder, "none.json"), now);
  assert.throws(() => approvals.approve("0".repeat(64)), { code: "not_found" });
});

test("no more than 64 questions are kept, the oldest go first", () => {
  const approvals = openContentApprovals(join(folder, "many.json"), now);
  const hashes = Array.from({ length: 70 }, (_, index) => contentHash("hooks", [String(index)]));
  for (const one of hashes) approvals.ask({ kind: "hooks", path: "/w", hash: one, text: "" });
  assert.deepEqual(
    approvals.list().pending.map((one) => one.hash),
    hashes.slice(6),
  );
});

test("a damaged store is reported, not taken for an empty one", () => {
  const file = join(folder, "damaged.json");
  writeFileSync(file, "{");
  assert.throws(() => openContentApprovals(file), { code: "invalid_config" });
});

test("parts cannot be shifted from one file into the next without changing the hash", () => {
  assert.notEqual(contentHash("skill", ["ab", "c"]), contentHash("skill", ["a", "bc"]));
  assert.notEqual(contentHash("skill", ["a"]), contentHash("hooks", ["a"]));
});
