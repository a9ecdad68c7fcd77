import assert from "node:assert/strict";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { loadExtension } from "./extension.ts";

const empty = `data:text/javascript,${encodeURIComponent("export const extension = () => ({ tools: [{ name: 'fixture' }] });")}`;
const both = { PADDOCK_CONFORMANCE: "1", PADDOCK_CONFORMANCE_FIXTURES: empty };

test("fixtures are loaded on loopback with both switches, and the log says it", async () => {
  const warnings: string[] = [];
  const loaded = await loadExtension(both, "127.0.0.1", (message) => warnings.push(message));
  assert.deepEqual(loaded?.tools, [{ name: "fixture" }]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^CONFORMANCE FIXTURES ARE ON/);
});

const refuse = (message: string) => assert.fail(message);
for (const environment of [
  {},
  { PADDOCK_CONFORMANCE: "1" },
  { PADDOCK_CONFORMANCE_FIXTURES: empty },
  { ...both, PADDOCK_CONFORMANCE: "true" },
]) {
  test(`nothing is loaded with ${JSON.stringify(Object.keys(environment))} alone`, async () => {
    assert.equal(await loadExtension(environment, "127.0.0.1", refuse), undefined);
  });
}

for (const host of ["0.0.0.0", "::", "192.168.1.2", "localhost.example.com", ""]) {
  test(`a hub that listens on "${host}" refuses to start with fixtures`, async () => {
    await assert.rejects(
      loadExtension(both, host, refuse),
      (error) => error instanceof PaddockError && error.code === "cannot_enforce",
    );
  });
}
