import assert from "node:assert/strict";
import { test } from "node:test";
import { findTool, tools } from "@paddock/contract/tools";
import { inputFromFlags, parametersOf, toolHelp } from "./tool-flags.ts";

const { edit_file: editFile, read_text_file: readTextFile, git_add: gitAdd, run_command: runCommand } = tools;

test("flags become a tool's input, each kind by its type", () => {
  const words = ["--path=a=b.txt", "--old-text", "--x", "--new-text", "", "--replace-all", "--dry-run", "false"];
  assert.deepEqual(inputFromFlags(editFile, words), {
    path: "a=b.txt",
    old_text: "--x",
    new_text: "",
    replace_all: true,
    dry_run: false,
  });
  assert.deepEqual(inputFromFlags(readTextFile, ["--path", "7", "--head", "7"]), { path: "7", head: 7 });
  assert.deepEqual(inputFromFlags(gitAdd, ["--files", "a", "--files=b"]), { files: ["a", "b"] });
  const needs = { no_cage: true, reason: "r" };
  assert.deepEqual(inputFromFlags(runCommand, ["--command", "id", "--needs", JSON.stringify(needs)]), {
    command: "id",
    needs,
  });
});

test("a parameter that is called like a flag of the command itself has another flag", () => {
  const words = ["--id", "proc_1", "--input-value", "yes\n"];
  assert.deepEqual(inputFromFlags(tools.write_process, words), { id: "proc_1", input: "yes\n" });
});

test("a value of another kind is refused before it is sent", () => {
  const refused =
    (...words: string[]) =>
    () =>
      inputFromFlags(readTextFile, ["--path", "x", ...words]);
  assert.throws(refused("--head", "true"), { code: "invalid_input", message: '--head takes a number, not "true".' });
  assert.throws(refused("--head", ""), { message: '--head takes a number, not "".' });
  assert.throws(refused("--head"), { message: "--head needs a value." });
  assert.throws(refused("more"), { message: '"more" belongs to no parameter: each is given as --NAME VALUE.' });
  assert.throws(() => inputFromFlags(editFile, ["--path", "a", "--old-text", "b", "--new-text", "c", "--dry-run=no"]), {
    message: '--dry-run takes true or false, not "no".',
  });
  assert.throws(() => inputFromFlags(runCommand, ["--command", "id", "--needs", "{"]), {
    message: '--needs takes JSON, not "{".',
  });
  assert.throws(() => inputFromFlags(editFile, ["--path", "a"]), {
    message: "edit_file needs --old-text and --new-text.",
  });
});

test("every tool's parameters are flags, and its help names each", () => {
  for (const name of Object.keys(tools)) {
    const tool = findTool(name);
    assert.ok(tool);
    const flags = parametersOf(tool).map(({ flag }) => flag);
    assert.equal(new Set(flags).size, flags.length);
    for (const flag of flags) {
      assert.match(flag, /^--[a-z][a-z0-9-]*$/);
      assert.ok(toolHelp(tool).includes(`  ${flag}`), flag);
    }
    for (const own of ["--json", "--input", "--workspace", "--idempotency-key", "--list", "--help"])
      assert.equal(flags.includes(own), false, `${name} ${own}`);
  }
});
