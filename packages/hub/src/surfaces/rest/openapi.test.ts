import assert from "node:assert/strict";
import { test } from "node:test";
import { tools } from "@paddock/contract/tools";
import { openapiDocument } from "./openapi.ts";

const document = openapiDocument({ tools: Object.values(tools), version: "1.2.3", url: "http://127.0.0.1:7420" });

test("every tool is one operation, named like the tool", () => {
  const operations = Object.values(tools).map(({ name }) => {
    const path: unknown = Reflect.get(document.paths, `/api/v1/tools/${name}`);
    return (path as { post: { operationId: string } }).post.operationId;
  });
  assert.deepEqual(operations, Object.keys(tools));
});

test("every reference leads somewhere and operation ids are unique, also where a client drops case and underscores", () => {
  const text = JSON.stringify(document);
  for (const [, path = ""] of text.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)) {
    const target = path
      .split("/")
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document.components);
    assert.ok(target, path);
  }
  const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id = ""]) => id.replaceAll("_", "").toLowerCase());
  assert.equal(new Set(ids).size, ids.length);
});
