/** The list of tools changes only with its fingerprint: a client keeps the list it has seen until it is refreshed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { toolsFingerprint } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";

const file = join(import.meta.dirname, "..", "docs", "generated", "tools.fingerprint");

test("the list of tools has the fingerprint that is on record", async () => {
  const onRecord = readFileSync(file, "utf8").trim();
  const now = await toolsFingerprint(Object.values(tools));
  assert.equal(now, onRecord, "The tools changed. If that is meant: npm run generate, and say it in CHANGELOG.md.");
});
