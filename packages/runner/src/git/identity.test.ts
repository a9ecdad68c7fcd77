import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { settingsText } from "./identity.ts";

test("git reads the owner's name and address back as they are, and nothing else", needs("git"), () => {
  const folder = mkdtempSync(join(tmpdir(), "paddock-identity-"));
  const file = join(folder, "config");
  const identities = [
    { name: "Ada", email: "ada@example.org" },
    { name: 'Ada "the #1; \\" L.', email: "a+b@example.org" },
  ];
  for (const { name, email } of identities) {
    writeFileSync(file, settingsText({ name, email }));
    const listed = execFileSync("git", ["config", "--file", file, "--list"], { encoding: "utf8" });
    assert.equal(listed, `user.name=${name}\nuser.email=${email}\n`);
  }
  assert.equal(settingsText({ name: "A\n[core]\n\tpager = evil", email: "a@b" }).split("\n").length, 4);
  assert.equal(settingsText(null), "");
  rmSync(folder, { recursive: true });
});
