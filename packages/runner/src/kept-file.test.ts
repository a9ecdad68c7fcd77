import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { keptFile } from "./kept-file.ts";

const folder = mkdtempSync(join(tmpdir(), "pk-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const schema = z.strictObject({ words: z.array(z.string()) });

test("what is written is read again, by the owner alone, and nothing stays beside it", () => {
  const path = join(folder, "made", "words.json");
  const kept = keptFile(path, schema, "Remove it.");
  assert.equal(kept.read(), null);
  kept.write({ words: ["one"] });
  kept.write({ words: ["two"] });
  assert.deepEqual(kept.read(), { words: ["two"] });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(folder, "made")), ["words.json"]);
});

test("a damaged file is no empty one, says how to go on, and does not say what is in it", () => {
  for (const content of ["", "{", "null", '{"words":["a secret"],"more":1}']) {
    const path = join(folder, "damaged.json");
    writeFileSync(path, content);
    assert.throws(() => keptFile(path, schema, "Remove it.").read(), {
      code: "invalid_config",
      message: `${path} is damaged.`,
      nextStep: "Remove it.",
    });
    assert.equal(existsSync(path), true);
  }
});
