import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditEntry } from "@paddock/contract";
import { recordRefusals } from "./refusals.ts";

test("forged answers are on record, and do not fill the log", () => {
  const written: AuditEntry[] = [];
  let now = 0;
  const record = recordRefusals({ write: (entry) => void written.push(entry) }, () => now);
  const forged = { approval: "apr_x", given: "allow_once", channel: "hub", by: "owner" };
  for (let count = 0; count < 1000; count += 1) record(forged, "not_found");
  const detail = { approval: "apr_x", given: "allow_once", channel: "hub", claimed: "owner" };
  assert.deepEqual(written[0], { event: "approval.refused", code: "not_found", detail });
  assert.deepEqual([written.length, written[59]?.detail?.unrecorded], [60, "further ones of this minute"]);
  now = 60_001;
  record(forged, "not_found");
  assert.equal(written.length, 61);
});
