import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { forgetHomes, privateHome } from "./private-homes.ts";

test("the homes of a principal go with it, and nothing that they lead to or that is somebody else's", async () => {
  const home = mkdtempSync(join(tmpdir(), "paddock-homes-"));
  try {
    await forgetHomes(home, "tok_1");
    const [first, second] = [privateHome(home, "tok_1\n/a\nworkspace"), privateHome(home, "tok_1\n/b\nreadonly")];
    const [other, owner] = [privateHome(home, "tok_2\n/a\nworkspace"), privateHome(home, "owner\n/a\nworkspace")];
    assert.equal(new Set([first, second, other, owner]).size, 4);
    assert.equal(privateHome(home, "tok_1\n/a\nworkspace"), first);
    const outside = join(home, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "kept");
    mkdirSync(join(first, "deep", "er"), { recursive: true });
    symlinkSync(outside, join(first, "deep", "link"));
    await forgetHomes(home, "tok_1");
    await forgetHomes(home, "owner");
    assert.deepEqual([first, second, other, owner].map(existsSync), [false, false, true, true]);
    assert.equal(readFileSync(join(outside, "kept"), "utf8"), "kept");
  } finally {
    rmSync(home, { recursive: true });
  }
});
