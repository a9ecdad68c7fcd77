import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { maxFormerKeys, maxHandshakeBytes } from "@paddock/contract/link";
import { leadsTo } from "@paddock/link/sealed";
import { type HubKey, hubKeyAt, keepHubKey, nextHubKey } from "./hub-key.ts";

function place() {
  const folder = mkdtempSync(join(tmpdir(), "paddock-hub-key-"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

const follows = (known: HubKey, now: HubKey) => leadsTo(known.key.publicKey, now.key.publicKey, now.before);

test("a key that was replaced leads to the one that is there now, over some changes, in little space", () => {
  using at = place();
  const first = hubKeyAt(at.folder);
  let last = first;
  for (let times = 1; times <= maxFormerKeys + 2; times += 1) {
    keepHubKey(at.folder, nextHubKey(hubKeyAt(at.folder)));
    const now = hubKeyAt(at.folder);
    assert.deepEqual([follows(last, now), follows(first, now)], [true, times <= maxFormerKeys]);
    last = now;
  }
  assert.ok(JSON.stringify(last.before).length < maxHandshakeBytes / 2);
  assert.equal(statSync(join(at.folder, "link.key")).mode & 0o777, 0o600);
});

test("a hub that was killed before its new key was kept has the old one, and can change it again", () => {
  using at = place();
  keepHubKey(at.folder, nextHubKey(hubKeyAt(at.folder)));
  const known = hubKeyAt(at.folder);
  const pem = readFileSync(join(at.folder, "link.key"));
  keepHubKey(at.folder, nextHubKey(known));
  writeFileSync(join(at.folder, "link.key"), pem);
  const again = hubKeyAt(at.folder);
  assert.deepEqual([again.key.publicKey, again.before], [known.key.publicKey, known.before]);
  keepHubKey(at.folder, nextHubKey(again));
  assert.equal(follows(known, hubKeyAt(at.folder)), true);
});

test("a file of former keys that says nothing stops the start, and says what to do", () => {
  using at = place();
  hubKeyAt(at.folder);
  writeFileSync(join(at.folder, "link.before.json"), "{");
  assert.throws(() => hubKeyAt(at.folder), { code: "invalid_config" });
});
