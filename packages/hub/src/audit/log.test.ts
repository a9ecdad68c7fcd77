import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { auditFile, openAuditLog } from "./log.ts";
import { tailAuditLog, verifyAuditLog } from "./read.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "paddock-audit-"));
  await body(folder);
  await rm(folder, { recursive: true });
}

function write(folder: string, count: number, maxBytes = 1_000_000): void {
  const log = openAuditLog(folder, { maxBytes, keep: 3 });
  for (let at = 0; at < count; at += 1) log.record({ event: "call.refused", tool: `tool_${at}` });
  log.close();
}

test("the chain goes on over restarts and rotation, and old files go", () =>
  inFolder(async (folder) => {
    for (let restart = 0; restart < 10; restart += 1) write(folder, 5, 700);
    const { ok, head } = await verifyAuditLog(folder, 3);
    assert.deepEqual([ok, head?.seq], [true, 50]);
    await assert.rejects(readFile(auditFile(folder, 4)), { code: "ENOENT" });
    const last = (await tailAuditLog(folder, 3, 2)).map((line) => JSON.parse(line).seq);
    assert.deepEqual(last, [49, 50]);
  }));

test("half a line at the end, as a crash leaves it, is cut off and the chain holds", () =>
  inFolder(async (folder) => {
    write(folder, 2);
    await appendFile(auditFile(folder, 0), '{"seq":3,"at":"20');
    write(folder, 1);
    assert.deepEqual([(await verifyAuditLog(folder, 3)).ok, (await verifyAuditLog(folder, 3)).records], [true, 3]);
  }));

test("a changed record is found in its file and line", () =>
  inFolder(async (folder) => {
    write(folder, 3);
    const text = await readFile(auditFile(folder, 0), "utf8");
    await writeFile(auditFile(folder, 0), text.replace("tool_0", "tool_9"));
    const { ok, fault } = await verifyAuditLog(folder, 3);
    assert.deepEqual([ok, fault], [false, { file: auditFile(folder, 0), line: 2, reason: "wrong_hash" }]);
  }));

test("a log whose end is no record is not continued", () =>
  inFolder(async (folder) => {
    for (const text of ["hello\n", "\n", "x".repeat(600 * 1024)]) {
      await writeFile(auditFile(folder, 0), text);
      assert.throws(() => openAuditLog(folder, { maxBytes: 1000, keep: 3 }), { code: "audit_unavailable" });
    }
  }));

test("inputs are masked and shortened", () =>
  inFolder(async (folder) => {
    const log = openAuditLog(folder, { maxBytes: 100_000, keep: 3 });
    log.record({ event: "call.refused", input: { content: "x".repeat(5000), header: `Bearer pad_${"A".repeat(43)}` } });
    log.close();
    const text = await readFile(auditFile(folder, 0), "utf8");
    assert.equal(text.includes("A".repeat(43)), false);
    assert.ok(text.length < 1000);
  }));
