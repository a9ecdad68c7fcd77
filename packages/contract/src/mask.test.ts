import assert from "node:assert/strict";
import { test } from "node:test";
import { maskSecrets } from "./mask.ts";

const secret = "Zx81kq0PlmW7vTn3";

test("secrets of every known shape are hidden and the rest stays", () => {
  const cases = [
    [`curl -H 'Authorization: Bearer ${secret}' x`, "curl -H 'Authorization: Bearer [hidden]' x"],
    [`git clone https://me:${secret}@example.org/a.git`, "git clone https://me:[hidden]@example.org/a.git"],
    [`export API_KEY=${secret} && make`, "export API_KEY=[hidden] && make"],
    [`MY_SECRET='two words' x`, "MY_SECRET=[hidden] x"],
    [`{"password": "${secret}", "user": "me"}`, `{"password": [hidden], "user": "me"}`],
    [`tool --token ${secret} --verbose`, "tool --token [hidden] --verbose"],
    [`ghp_${secret}${secret}`, "[hidden]"],
    ["AKIAIOSFODNN7EXAMPLE", "[hidden]"],
    [`-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----\nafter`, "[hidden]\nafter"],
    [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${secret}`, "[hidden]"],
  ] as const;
  for (const [text, masked] of cases) assert.equal(maskSecrets(text), masked);
});

test("plain text is left alone", () => {
  for (const text of [
    "npm test",
    "git log --oneline",
    "echo token",
    "https://example.org/a?b=c",
    "the secret garden",
  ]) {
    assert.equal(maskSecrets(text), text);
  }
});

test("a long text without an end to a secret takes no longer than its length", () => {
  const text = `password=${"a:".repeat(50_000)}`;
  assert.equal(maskSecrets(text).length < text.length, true);
});
