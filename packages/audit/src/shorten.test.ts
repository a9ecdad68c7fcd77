import assert from "node:assert/strict";
import { test } from "node:test";
import { shortened } from "./shorten.ts";

test("an input is masked and shortened, and says that it was", () => {
  const mask = (text: string) => text.replaceAll("secret", "[masked]");
  assert.deepEqual(
    shortened(
      { command: "echo secret", content: "x".repeat(500), deep: [[[["y"]]]], many: Array(22).fill(1), flag: true },
      mask,
    ),
    {
      command: "echo [masked]",
      content: `${"x".repeat(200)}... 500 characters`,
      deep: [[["..."]]],
      many: [...Array(20).fill(1), "... 2 more"],
      flag: true,
    },
  );
});

test("a secret is told by its name, and by the flag before it, wherever it stands", () => {
  const mask = (text: string) => text;
  assert.deepEqual(
    shortened(
      {
        PassWord: "hunter2",
        "Set-Cookie": ["a=1", "b=2"],
        apiKey: 12345,
        credentials: { user: "me", key: "k" },
        password: "",
        secret: true,
        argv: ["deploy", "--token", "hunter2", "--password", "--verbose", "-p", "8080"],
        env: [
          { name: "API_KEY", value: "hunter2" },
          { key: "LANG", value: "C" },
        ],
      },
      mask,
    ),
    {
      PassWord: "[hidden]",
      "Set-Cookie": "[hidden]",
      apiKey: "[hidden]",
      credentials: "[hidden]",
      password: "",
      secret: true,
      argv: ["deploy", "--token", "[hidden]", "--password", "--verbose", "-p", "8080"],
      env: [
        { name: "API_KEY", value: "[hidden]" },
        { key: "LANG", value: "C" },
      ],
    },
  );
});

test("no input makes a large record", () => {
  const wide = (depth: number): unknown =>
    depth === 0
      ? "\0".repeat(1000)
      : Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at}${"k".repeat(500)}`, wide(depth - 1)]));
  const text = JSON.stringify(shortened(wide(3), (kept) => kept));
  assert.ok(text.length < 256 * 1024, `${text.length} characters`);
});
