import assert from "node:assert/strict";
import { test } from "node:test";
import { isSecretName, maskSecrets } from "./mask.ts";

const secret = "Zx81kq0PlmW7vTn3";

test("secrets of every known shape are hidden and the rest stays", () => {
  const cases = [
    [`curl -H 'Authorization: Bearer ${secret}' x`, "curl -H 'Authorization: [hidden]' x"],
    [`Bearer ${secret}`, "Bearer [hidden]"],
    [`git clone https://me:${secret}@example.org/a.git`, "git clone https://me:[hidden]@example.org/a.git"],
    [`export API_KEY=${secret} && make`, "export API_KEY=[hidden] && make"],
    [`MY_SECRET='two words' x`, "MY_SECRET=[hidden] x"],
    [`{"password": "${secret}", "user": "me"}`, `{"password": [hidden], "user": "me"}`],
    [`tool --token ${secret} --verbose`, "tool --token [hidden] --verbose"],
    [`ghp_${secret}${secret}`, "[hidden]"],
    ["AKIAIOSFODNN7EXAMPLE", "[hidden]"],
    [`-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----\nafter`, "[hidden]\nafter"],
    [
      `aws configure; AWS_SECRET_ACCESS_KEY=${secret} aws s3 ls`,
      "aws configure; AWS_SECRET_ACCESS_KEY=[hidden] aws s3 ls",
    ],
    [`PGPASSWORD=${secret} psql`, "PGPASSWORD=[hidden] psql"],
    [`curl -u me:${secret} https://example.org`, "curl -u me:[hidden] https://example.org"],
    [`git clone https://${secret}${secret}@example.org/a.git`, "git clone https://[hidden]@example.org/a.git"],
    [
      `curl "https://example.org/?access_token=${secret}&page=2"`,
      'curl "https://example.org/?access_token=[hidden]&page=2"',
    ],
    [`curl -H "X-Api-Key: ${secret}" x`, 'curl -H "X-Api-Key: [hidden]" x'],
    [`curl -H 'authorization: token ${secret}' x`, "curl -H 'authorization: [hidden]' x"],
    [`curl -d '{"password":"a\\"${secret}"}' x`, `curl -d '{"password":[hidden]}' x`],
    [`echo "{\\"client_secret\\": \\"${secret}\\"}"`, 'echo "{\\"client_secret\\": [hidden]}"'],
    [`tool --db-password=${secret} go`, "tool --db-password=[hidden] go"],
    [`cat <<X\npassword: ${secret}\nuser: me\nX`, "cat <<X\npassword: [hidden]\nuser: me\nX"],
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

test("names that say secret are told from those that do not", () => {
  for (const name of ["password", "PassWord", "API-Key", "x_api_key", "clientSecret", "GITHUB_TOKEN", "Set-Cookie"])
    assert.equal(isSecretName(name), true, name);
  for (const name of ["path", "content", "max_tokens", "key", "author", "passage", ""])
    assert.equal(isSecretName(name), false, name);
});

test("a long text without an end to a secret takes no longer than its length", () => {
  const text = `password=${"a:".repeat(50_000)}`;
  assert.equal(maskSecrets(text).length < text.length, true);
});
