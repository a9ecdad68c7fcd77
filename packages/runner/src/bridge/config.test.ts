import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hideKnown } from "@paddock/contract";
import { watchedServers, writeServers } from "./config.ts";

test("an edited list of servers is told, the first reading is not, and its secrets are hidden from then on", () => {
  const folder = mkdtempSync(join(tmpdir(), "paddock-bridge-"));
  try {
    const file = join(folder, "bridge.json");
    const told: string[][] = [];
    const servers = watchedServers(file, (list) => void told.push(list.map(({ id }) => id)));
    assert.deepEqual([servers(), told], [[], []]);
    const env = { NOTES_TOKEN: "a secret of the notes" };
    writeServers(file, [{ id: "notes", transport: "stdio", command: "notes", env }]);
    servers();
    servers();
    assert.deepEqual(told, [["notes"]]);
    assert.equal(hideKnown("it has a secret of the notes"), "it has [hidden]");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
