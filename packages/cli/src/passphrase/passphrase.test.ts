import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openPassphrase } from "./passphrase.ts";

const home = mkdtempSync(join(tmpdir(), "paddock-passphrase-"));
const file = join(home, "passphrase.json");
after(() => rmSync(home, { recursive: true }));

const sent = (passphrase: string) => Buffer.from(passphrase).toString("base64url");
const [right, wrong] = [sent("korrekt häst 电池"), sent("korrekt hest 电池")];

test("nothing is wanted until one is set, then only that one will do, also for who opened it before", async () => {
  const [hub, runner] = [openPassphrase(home), openPassphrase(home)];
  await hub.check(undefined);
  await runner.change("korrekt häst 电池");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(file, "utf8"), /korrekt/);
  await hub.check(right);
  await assert.rejects(hub.check(undefined), { code: "passphrase_required" });
  for (const other of [wrong, "", "%%%"]) {
    await assert.rejects(openPassphrase(home).check(other), { code: "passphrase_wrong" });
  }
  await hub.change(null);
  await runner.check(undefined);
});

test("wrong ones make the next wait longer and longer, also when they come at once; a right one ends that", async () => {
  let now = 1_000_000;
  const passphrase = openPassphrase(home, () => now);
  await passphrase.change("korrekt häst 电池");
  const guess = (header: string) =>
    passphrase.check(header).then(
      () => "right",
      ({ code }: { code: string }) => code,
    );
  const at = await Promise.all([wrong, wrong, wrong, wrong, right].map(guess));
  assert.deepEqual(at, ["passphrase_wrong", "passphrase_wrong", "passphrase_wrong", "too_many", "too_many"]);
  now += 1_000;
  assert.deepEqual([await guess(wrong), await guess(right)], ["passphrase_wrong", "too_many"]);
  now += 1_999;
  assert.equal(await guess(right), "too_many");
  now += 1;
  assert.deepEqual(
    [await guess(right), await guess(wrong), await guess(right)],
    ["right", "passphrase_wrong", "right"],
  );
});

test("a damaged file lets nobody in", async () => {
  writeFileSync(file, "{}");
  await assert.rejects(openPassphrase(home).check(right), { code: "invalid_config" });
});
