import assert from "node:assert/strict";
import { test } from "node:test";
import { serverSchema } from "./config.ts";
import { namedTools } from "./named-tools.ts";

test("a name that could be that of two servers' tools is that of the server with the longer id, listed or not", () => {
  const declared = (name: string) => ({ name, description: "", inputSchema: { type: "object" } });
  const servers = ["a", "a__b"].map((id) =>
    serverSchema.parse({ id, transport: "stdio", command: "x", expose: "all" }),
  );
  const namesWith = (lists: Record<string, string[]>) =>
    namedTools(servers, { named: ({ id }) => lists[id]?.map(declared) ?? null }).map(
      ({ server, tool }) => `${tool} of ${server}`,
    );
  assert.deepEqual(namesWith({ a: ["b__c", "own"] }), ["own of a"]);
  assert.deepEqual(namesWith({ a: ["b__c", "own"], a__b: ["c", "d"] }), ["own of a", "c of a__b", "d of a__b"]);
});
