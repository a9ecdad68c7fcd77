import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { placesOf } from "../home.ts";
import { run } from "./audit-verify.ts";

test("nothing that was not checked passes for whole", async () => {
  const home = mkdtempSync(join(tmpdir(), "paddock-verify-"));
  try {
    const environment = { PADDOCK_HOME: home };
    const context = { places: placesOf(environment), environment, args: [], options: {} };
    await assert.rejects(run(context), { code: "not_running", message: /no audit log was checked/ });
  } finally {
    rmSync(home, { recursive: true });
  }
});
