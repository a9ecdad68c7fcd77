import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOf, targetOf } from "./target.ts";

test("every way to write a host comes down to one", () => {
  const same: Readonly<Record<string, readonly string[]>> = {
    "example.com": ["example.com", "EXAMPLE.com", "example.com."],
    "xn--bcher-kva.example": ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"],
    "127.0.0.1": [
      "127.0.0.1",
      "127.1",
      "0x7f.1",
      "0177.0.0.1",
      "2130706433",
      "0x7f000001",
      "127.0.0.1.",
      "１２７.0.0.1",
    ],
    "::1": ["[::1]", "::1", "[0:0:0:0:0:0:0:1]"],
    "::ffff:7f00:1": ["[::ffff:127.0.0.1]", "[::FFFF:7f00:1]"],
  };
  for (const [host, spellings] of Object.entries(same)) {
    assert.deepEqual(
      spellings.map(hostOf),
      spellings.map(() => host),
    );
  }
});

test("what is no host is none", () => {
  const none = [
    "",
    ".",
    "a..b",
    "a b",
    "a%62",
    "user@host",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "[::1%25eth0]",
    "a\u0000",
    "1.2.3.4.5",
  ];
  none.push("::1:80x", "a:1", `${"a".repeat(300)}`, "999.1.1.1", "a\r\nb", "b.");
  assert.deepEqual(
    none.slice(0, -1).map(hostOf),
    none.slice(0, -1).map(() => null),
  );
});

test("a target has one host and one port", () => {
  assert.deepEqual(
    ["a.example:443", "a.example", "[::1]:80", "a:0", "a:65536", "a:", ":80", "a:80:90", "[::1]x:80", "a:0x50"].map(
      (text) => targetOf(text, 80),
    ),
    [
      { host: "a.example", port: 443 },
      { host: "a.example", port: 80 },
      { host: "::1", port: 80 },
      ...[null, null, null, null, null, null, null],
    ],
  );
  assert.equal(targetOf("a.example", null), null);
});
