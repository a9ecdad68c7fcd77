import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { mayReach } from "./addresses.ts";

test("the machine's own addresses are its inside, whatever they are", () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  assert.deepEqual(
    own.filter(({ address }) => mayReach(address, "public")),
    [],
  );
});
