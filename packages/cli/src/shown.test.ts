import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.ts";
import { localTime, shortened, table } from "./shown.ts";

test("a table keeps its columns, and each row its line", () => {
  const rows = [
    ["1", "two\nlines"],
    ["long one", ""],
  ];
  assert.equal(table(["ID", "NAME"], rows), "ID        NAME\n1         two lines\nlong one");
});

test("a cut is marked, and a moment is local", () => {
  assert.deepEqual([shortened("12345", 5), shortened("123456", 5)], ["12345", "1234\u2026"]);
  const date = new Date(2026, 0, 2, 3, 4, 5);
  assert.equal(localTime(date.toISOString()), "2026-01-02 03:04:05");
});

test("a word that is near is guessed, one that is far is not", () => {
  assert.equal(nearest("grap", ["glob", "grep"]), "grep");
  assert.equal(nearest("red_text_file", ["read_text_file", "write_file"]), "read_text_file");
  assert.equal(nearest("deploy", ["grep", "glob"]), null);
});
