/** An audit log of 100,000 records: how long it takes to write one, and to check them all. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAuditLog, verifyLog } from "@paddock/audit";
import { type AuditEntry, maskSecrets } from "@paddock/contract";
import type { LoneFigure } from "../figure.ts";

const records = 100_000;

const started: AuditEntry = {
  event: "call.started",
  run: "run_01jabcdefghijklmnopqrstuv1",
  principal: "tok_01jabcdefghijklmnopqrstuv1",
  surface: "mcp",
  tool: "run_command",
  input: { command: "npm test -- --grep 'what it says'", working_directory: "/srv/app" },
  verdict: "allow",
  rules: ["contained"],
};

export const audit: LoneFigure = {
  name: "audit",
  async measure() {
    const folder = mkdtempSync(join(tmpdir(), "paddock-bench-audit-"));
    try {
      const log = openAuditLog({ folder, maxBytes: 64 * 1024 * 1024, keep: 3, mask: maskSecrets, log: console });
      const begun = performance.now();
      for (let record = 0; record < records; record += 1) log.write(started);
      const writing = performance.now() - begun;
      log.close();
      const checked = performance.now();
      const { ok, records: found } = verifyLog(folder, []);
      const checking = performance.now() - checked;
      if (!ok || found !== records) throw new Error(`${found} records, whole: ${ok}`);
      const note = `${records} records`;
      return [
        { name: "audit record", unit: "us", ours: (writing / records) * 1000, base: null, limit: { most: 200 }, note },
        { name: "audit verify", unit: "ms", ours: checking, base: null, limit: { most: 2000 }, note },
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
