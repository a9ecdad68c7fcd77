/** What a word is said to become is compared with what bash makes of it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { readScript } from "./read-script.ts";

const pieces = [
  ...[
    "a",
    "b",
    "c",
    "1",
    "3",
    "-",
    "_",
    "é",
    "=",
    "+",
    ":",
    "@",
    "%",
    "#",
    "^",
    "!",
    "~",
    " ",
    "\t",
    "\\ ",
    "\\\n",
    ",",
    "..",
  ],
  ...[
    "'",
    '"',
    "$'",
    '$"',
    "\\",
    "{",
    "}",
    "\\x63",
    "\\143",
    "\\563",
    "\\u0063",
    "\\u63",
    "\\U00000063",
    "\\x",
    "\\0",
    "\\c",
  ],
  ...["\\cA", "\\e", "\\n", "\\'", '\\"', "\\x{63}", "\\xg", "\\8"],
];

function randomTexts(count: number): string[] {
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random(7) }, () => pieces[random(pieces.length)]).join(""),
  );
}

/** null where it is not known, or more than one command. */
function wordsOf(text: string): readonly string[] | null {
  const { invocations, unresolved, redirects } = readScript(`echo ${text}`);
  const [only, ...others] = invocations;
  if (unresolved.length > 0 || redirects.length > 0 || others.length > 0) return null;
  return only?.args.every((arg) => arg !== null) ? (only.args as string[]) : null;
}

test("words that are said to be known are what bash makes of them", needs("bash"), (t) => {
  const known = randomTexts(20_000).flatMap((text) => {
    const words = wordsOf(text);
    return words ? [{ text, words: words.map((word) => `<${word}>`).join("") }] : [];
  });
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = known.map(({ text }) => `printf '\\001'; eval ${quote(`show ${text}`)}`);
  const script = ['show() { [ $# = 0 ] || printf "<%s>" "$@"; }', ...lines].join("\n");
  const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", HOME: "/" };
  const output = execFileSync("bash", ["--norc", "--noprofile"], { input: script, env: environment, stdio: "pipe" });
  const made = output.toString().split("\u0001").slice(1);
  t.diagnostic(`${known.length} of 20000 random texts are known`);
  assert.ok(known.length > 5_000);
  assert.deepEqual(
    made,
    known.map(({ words }) => words),
  );
});
