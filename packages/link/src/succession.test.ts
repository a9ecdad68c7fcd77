import assert from "node:assert/strict";
import { test } from "node:test";
import { hubKeyText } from "@paddock/contract/link";
import { type LinkKey, newKey } from "./keys.ts";
import { leadsTo } from "./succession.ts";

const signed = (key: LinkKey, next: LinkKey) => ({
  key: key.publicKey,
  signature: key.sign(hubKeyText(key.publicKey, next.publicKey)),
});

test("whoever knew any of a hub's former keys knows the one it has now, and nobody else does", () => {
  const [first, second, third, thief] = [newKey(), newKey(), newKey(), newKey()];
  const before = [signed(first, second), signed(second, third)];
  const leads = (known: LinkKey, key: LinkKey, chain = before) => leadsTo(known.publicKey, key.publicKey, chain);
  assert.deepEqual([leads(first, third), leads(second, third)], [true, true]);
  const refused = {
    "a key that it never had": leads(thief, third),
    "a key that none has signed": leads(first, thief),
    "one of before": leads(first, second),
    "back to the first": leads(third, first),
    "nothing between": leads(first, third, []),
    "a gap": leads(first, third, [signed(first, second)]),
    "another order": leads(first, third, before.toReversed()),
    "a signature of somebody else": leads(first, third, [
      { ...signed(thief, second), key: first.publicKey },
      signed(second, third),
    ]),
    "a key put in between": leads(first, thief, [signed(first, second), signed(thief, thief)]),
  };
  assert.deepEqual(
    Object.entries(refused).filter(([, trusted]) => trusted),
    [],
  );
});
