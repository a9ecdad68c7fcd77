import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInput } from "./parse-input.ts";
import { tools } from "./tools/index.ts";

test("an input is read with its defaults", () => {
  assert.deepEqual(parseInput(tools.delete_directory, { path: "a" }), { path: "a", recursive: false });
});

test("a parameter that a tool does not have is refused, with those that it has", () => {
  assert.throws(() => parseInput(tools.delete_directory, { path: "a", dryRun: true }), {
    code: "invalid_input",
    message: 'delete_directory has no parameter "dryRun".',
    nextStep: "Its parameters are: path, recursive.",
  });
  assert.throws(() => parseInput(tools.agent_status, { path: "a" }), { nextStep: "Call it without parameters." });
  assert.throws(() => parseInput(tools.agent_status, JSON.parse('{"__proto__": 1}')), { code: "invalid_input" });
});

test("what is missing or of another kind is named", () => {
  const refusals: readonly (readonly [unknown, string])[] = [
    [{}, "path: missing, expected string"],
    [{ path: "" }, "path: empty"],
    [{ path: 7 }, "path: Invalid input: expected string, received number"],
    [[], "Invalid input: expected object, received array"],
    ["x", "Invalid input: expected object, received string"],
  ];
  for (const [input, message] of refusals) {
    assert.throws(() => parseInput(tools.read_text_file, input), { code: "invalid_input", message });
  }
});
