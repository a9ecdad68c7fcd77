import assert from "node:assert/strict";
import { test } from "node:test";
import { hideKnown, rememberSecret } from "./known-secrets.ts";
import { maskSecrets } from "./mask.ts";

const secret = 'a plain! passphrase/with + "quotes" & more';

test("what was never remembered stays, and so does what is too short to be told from other text", () => {
  assert.equal(hideKnown("nothing is known yet"), "nothing is known yet");
  rememberSecret("short");
  assert.equal(hideKnown("a short word"), "a short word");
});

test("a remembered secret is hidden as it is and in every usual encoding", () => {
  rememberSecret(secret);
  const bytes = Buffer.from(secret);
  const shapes = [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    encodeURIComponent(secret).replaceAll("%20", "+"),
    encodeURIComponent(secret)
      .toLowerCase()
      .replaceAll(/%[0-9a-f]{2}/g, (code) => code),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...["", "u", "me", "you", "user:"].flatMap((before) => [
      Buffer.from(`${before}${secret}`).toString("base64"),
      Buffer.from(`${before}${secret}:after`).toString("base64url"),
    ]),
  ];
  for (const shape of shapes) {
    const shown = hideKnown(`before ${shape} after, ${shape}.`);
    assert.match(shown, /^before .{0,9}\[hidden\].{0,18} after, .{0,9}\[hidden\].{0,18}\.$/, shape);
  }
  assert.equal(maskSecrets(`x ${secret} y`), "x [hidden] y");
});

test("two secrets that begin alike are both hidden whole", () => {
  rememberSecret("0123456789abc");
  rememberSecret("0123456789abcdefgh");
  assert.equal(hideKnown("0123456789abcdefgh 0123456789abc 0123456789"), "[hidden] [hidden] 0123456789");
});

test("a long one is hidden whole, and so is a piece of it", () => {
  const long = Array.from({ length: 400 }, (_, at) => `${at * 7919}-`).join("");
  rememberSecret(long);
  assert.match(hideKnown(long), /^(?:\[hidden\])+$/);
  assert.match(hideKnown(long.slice(0, 1100)), /^(?:\[hidden\]){2}.{76}$/);
});

test("only so many are kept", () => {
  rememberSecret("the very first of many");
  for (let index = 0; index < 400; index += 1) rememberSecret(`one of the many: ${index}`);
  assert.equal(hideKnown("one of the many: 399"), "[hidden]");
  assert.equal(hideKnown("the very first of many"), "the very first of many");
});
