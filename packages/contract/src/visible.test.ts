import assert from "node:assert/strict";
import { test } from "node:test";
import { mixesAlphabets, printable, printableLine, visible, visibleLine } from "./visible.ts";

test("what steers a screen, hides or reorders is shown as an escape", () => {
  const shown = {
    "\u001b[2J": "\\u{1b}[2J",
    "a\rb": "a\\u{d}b",
    "a\u0000b\u007f": "a\\u{0}b\\u{7f}",
    "rm\u202e fr": "rm\\u{202e} fr",
    "a\u2066b\u2069": "a\\u{2066}b\\u{2069}",
    "ad\u200bmin": "ad\\u{200b}min",
    "a\u00adb\ufeff": "a\\u{ad}b\\u{feff}",
    "x\u2028y\u2029z\u0085": "x\\u{2028}y\\u{2029}z\\u{85}",
    "a\u00a0b\u3000c\u2800d": "a\\u{a0}b\\u{3000}c\\u{2800}d",
    "\u115f\u3164\uffa0": "\\u{115f}\\u{3164}\\u{ffa0}",
    "v\ufe0f\u{e0041}": "v\\u{fe0f}\\u{e0041}",
    "lone \ud800": "lone \\u{d800}",
    "private \ue000": "private \\u{e000}",
  };
  assert.deepEqual(Object.keys(shown).map(visible), Object.values(shown));
});

test("plain text of any language, its line ends and tabs stay as they are", () => {
  for (const text of ["a b\n\tc", "größe", "日本語の説明", "Привет", "e\u0301", "🙂 ok", "\\u{1b}"]) {
    assert.equal(visible(text), text);
  }
});

test("marks are not piled up over other lines", () => {
  assert.equal(visible(`a${"\u0301".repeat(4)}`), "a\u0301\u0301\\u{301}\\u{301}");
});

test("a line stays one line", () => {
  assert.equal(visibleLine("a\n  allow: all\tb"), "a\\u{a}  allow: all\\u{9}b");
});

test("a megabyte of odd characters takes no time to speak of", () => {
  assert.equal(visible("\u202e".repeat(1_000_000)).length, 8_000_000);
});

test("a word of two alphabets that look alike is noticed; a text of several languages is not one", () => {
  assert.deepEqual(["pаypal", "cοp", "Привет curl", "größe", "日本abc"].map(mixesAlphabets), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("a terminal is not steered, and letters of every script stay as they are", () => {
  assert.equal(printable("a\u001b[2J\u202eb\u0000\tc\n文\u3000字"), "a\\u{1b}[2J\\u{202e}b\\u{0}\tc\n文\u3000字");
  assert.equal(printableLine("a\n\tb\u2028"), "a\\u{a}\\u{9}b\\u{2028}");
});
