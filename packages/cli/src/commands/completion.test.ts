import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { commands } from "../commands.ts";
import { placesOf } from "../home.ts";
import { run } from "./completion.ts";

const scriptFor = async (shell: string): Promise<string> =>
  (await run({ places: placesOf({}), environment: {}, args: [shell], options: {} }, commands)).text;

const lines = (...words: string[]): string[] => words;

test("bash completes verbs, their options and tools", needs("bash"), async () => {
  const script = await scriptFor("bash");
  const complete = (...typed: string[]): string[] => {
    const words = ["paddock", ...typed].map((word) => `'${word}'`).join(" ");
    const ask = `COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _paddock; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p paddock`;
    return execFileSync("bash", ["--norc", "-ec", `${script}\n${ask}`], { encoding: "utf8" })
      .trim()
      .split("\n");
  };
  const registered = "complete -o default -F _paddock paddock";
  assert.deepEqual(complete("to"), lines("token", registered));
  assert.deepEqual(complete("token", "c"), lines("create", registered));
  assert.deepEqual(complete("token", "create", "--n"), lines("--name", registered));
  assert.deepEqual(complete("call", "read_t"), lines("read_text_file", registered));
  assert.deepEqual(complete("completion", ""), lines("bash", "zsh", "fish", registered));
  assert.deepEqual(complete("call", "read_text_file", "--inp"), lines("--input", registered));
  assert.deepEqual(complete("root", "add", "--r"), lines("--readonly", registered));
});

test("zsh completes the same, and keeps its PATH", needs("zsh"), async () => {
  const script = await scriptFor("zsh");
  assert.doesNotMatch(script, /local[^\n]* (path|words)=/);
  const stubs = "compdef() { print $@ }; compadd() { shift; print -l -- $@ }; _files() { print files }";
  const ask = `words=(paddock token ""); CURRENT=3; _paddock; words=(paddock call read_text_file --); CURRENT=4; _paddock`;
  const said = execFileSync("zsh", ["-fc", `${stubs}; ${script}\n${ask}; print $PATH`], { encoding: "utf8" });
  const flags = "--list --input --workspace --idempotency-key --json --help".split(" ");
  const registered = "_paddock paddock";
  const expected = [registered, "create", "list", "revoke", ...flags, process.env.PATH, ""];
  assert.equal(said, expected.join("\n"));
});

test("fish completes the same", needs("fish"), async () => {
  const script = await scriptFor("fish");
  assert.match(script, /^complete -c paddock -f -n 'test "\$\(__paddock_verb\)" = "token"' -a "create list revoke"$/m);
  const ask = 'complete -C "paddock token "; complete -C "paddock call read_text_file --inp"';
  const said = execFileSync("fish", ["--no-config", "-c", `${script}\n${ask}`], { encoding: "utf8" });
  assert.deepEqual(said.trim().split("\n"), lines("create", "list", "revoke", "--input"));
});
