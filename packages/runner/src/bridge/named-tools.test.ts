import assert from "node:assert/strict";
import { test } from "node:test";
import { serverSchema } from "./config.ts";
import { namedTools } from "./named-tools.ts";

test("a name that could be that of two servers' tools is nobody's", () => {
  const declared = (name: string) => ({ name, description: "", inputSchema: { type: "object" } });
  const lists: Record<string, string[]> = { a: ["b__c", "own"], a__b: ["c", "d"] };
  const servers = Object.keys(lists).map((id) =>
    serverSchema.parse({ id, transport: "stdio", command: "x", expose: "all" }),
  );
  const named = namedTools(servers, { named: ({ id }) => lists[id]?.map(declared) ?? null });
  assert.deepEqual(
    named.map(({ name }) => name),
    ["a__own", "a__b__d"],
  );
});
