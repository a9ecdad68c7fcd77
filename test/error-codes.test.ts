/** The table of errors holds what can happen, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCodes } from "@paddock/contract";
import { readSource, sourceFiles } from "./sources.ts";

const table = "packages/contract/src/errors.ts";

test("every error code is used somewhere outside of the table", () => {
  const rest = sourceFiles()
    .filter((file) => file !== table && file.startsWith("packages/"))
    .map(readSource)
    .join("\n");
  assert.deepEqual(
    errorCodes.filter((code) => !rest.includes(`"${code}"`)),
    [],
  );
});
