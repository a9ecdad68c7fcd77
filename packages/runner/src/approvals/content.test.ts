import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { contentHash, openContentApprovals } from "./content.ts";

const folder = mkdtempSync(join(tmpdir(), "paddock-content-"));
after(() => rmSync(folder, { recursive: true }));

const now = () => new Date("2026-01-02T03:04:05Z");
const hash = contentHash("skill", ["run.sh", "echo hi"]);
const content = { kind: "skill", path: "/w/.claude/skills/x", hash, text: "echo hi\u001b[2J\n" } as const;

test("content is inert until the owner approves it, and stays approved after a restart", () => {
  const file = join(folder, "approved.json");
  const approvals = openContentApprovals(file, now);
  const refusal = approvals.refusal(content);
  assert.equal(refusal?.code, "inert");
  assert.match(refusal?.nextStep ?? "", new RegExp(`paddock approve --content ${hash}`));
  const copy = join(folder, "wanted", `${hash}.txt`);
  const preview = "echo hi\\u{1b}[2J\n";
  const pending = { kind: "skill", path: content.path, hash, preview, copy, at: "2026-01-02T03:04:05.000Z" };
  assert.deepEqual(approvals.list(), { approved: [], pending: [pending] });
  assert.deepEqual(openContentApprovals(file, now).approve(hash), pending);
  const reopened = openContentApprovals(file, now);
  assert.deepEqual(reopened.list(), { approved: [pending], pending: [] });
  assert.equal(reopened.refusal(content), null);
  assert.equal(reopened.isApproved("hooks", hash), false);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("the owner reads a copy of what is asked about, whatever becomes of the original", () => {
  const approvals = openContentApprovals(join(folder, "copy.json"), now);
  const text = `${"x".repeat(10_000)}\u202eevil`;
  approvals.refusal({ ...content, text });
  const [pending] = approvals.list().pending;
  assert.equal(pending?.preview, `${"x".repeat(3000)}\n[7005 more characters: read the whole text]`);
  assert.equal(readFileSync(pending?.copy ?? "", "utf8"), `${"x".repeat(10_000)}\\u{202e}evil`);
  approvals.forget(hash);
  assert.equal(existsSync(pending?.copy ?? ""), false);
});

test("a copy that is cut says so", () => {
  const approvals = openContentApprovals(join(folder, "cut.json"), now);
  approvals.refusal({ ...content, text: `${"x".repeat(1024 * 1024)}evil` });
  const [pending] = approvals.list().pending;
  assert.match(readFileSync(pending?.copy ?? "", "utf8"), /x\n\[4 more characters are NOT shown/);
});

test("an approval can be taken back", () => {
  const approvals = openContentApprovals(join(folder, "back.json"), now);
  approvals.refusal(content);
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
  for (const one of hashes) approvals.refusal({ kind: "hooks", path: "/w", hash: one, text: "" });
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
