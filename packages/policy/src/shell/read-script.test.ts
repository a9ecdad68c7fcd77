import assert from "node:assert/strict";
import { test } from "node:test";
import { readScript } from "./read-script.ts";

test("every command of lists, pipelines and substitutions is named", () => {
  const { invocations, unresolved } = readScript('cd /tmp && cat "$(ls)" | sort');
  assert.deepEqual(
    invocations.map(({ program, args }) => [program, args]),
    [
      ["cd", ["/tmp"]],
      ["cat", [null]],
      ["ls", []],
      ["sort", []],
    ],
  );
  assert.deepEqual(unresolved, []);
});
