import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { commandFile, ownCommand, pageOf, withPages } from "./own-command.ts";

const clone = resolve(import.meta.dirname, "../../..");

test("what to type works where it is read", () => {
  const folder = mkdtempSync(join(tmpdir(), "paddock bin-"));
  try {
    symlinkSync(commandFile, join(folder, "paddock"));
    const absolute = `${process.execPath} ${commandFile}`;
    assert.equal(ownCommand({ PATH: folder }, "/"), "paddock");
    assert.equal(ownCommand({ PATH: folder, npm_lifecycle_event: "start" }, clone), "npx --no-install paddock");
    assert.equal(ownCommand({ PATH: "/nowhere" }, join(clone, "docs")), "npx --no-install paddock");
    assert.equal(ownCommand({ PATH: "/nowhere" }, "/"), absolute);
    assert.equal(ownCommand({ PADDOCK_HOME: "/a b/it's" }, "/"), `PADDOCK_HOME='/a b/it'\\''s' ${absolute}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a page is named as it can be opened", () => {
  assert.equal(pageOf("docs/clients/README.md", clone), "docs/clients/README.md");
  assert.equal(pageOf("docs/clients/README.md", "/"), join(clone, "docs/clients/README.md").slice(1));
  const far = join(clone, "..", "..", "some", "where", "else", "far", "away");
  assert.equal(pageOf("docs/clients/README.md", far), join(clone, "docs/clients/README.md"));
  assert.equal(withPages("See docs/machine.md.", far), `See ${join(clone, "docs/machine.md")}.`);
  assert.equal(withPages("See docs/machine.md, and mydocs/x.md", clone), "See docs/machine.md, and mydocs/x.md");
});
