/** A log in a folder of its own, for tests. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { maskSecrets } from "@paddock/contract";
import type { AuditLog } from "./audit-log.ts";
import { auditFile } from "./files.ts";
import { openAuditLog } from "./log.ts";
import { recordsOf } from "./records.ts";
import { type Verification, verifyLog } from "./verify.ts";

export interface Place extends Disposable {
  folder: string;
  file: string;
  open(limits?: { maxBytes?: number; keep?: number }): AuditLog;
  /** Opens, writes so many calls and closes. */
  wrote(count: number, limits?: { maxBytes?: number; keep?: number }): void;
  /** The lines of the newest file. */
  lines(): string[];
  verify(): Verification;
  /** The faults as `reason@record`. */
  faults(): string[];
  events(): string[];
}

export function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), "paddock-audit-"));
  const file = auditFile(folder);
  const log = { error() {} };
  const open: Place["open"] = (limits = {}) =>
    openAuditLog({ folder, maxBytes: 1_000_000, keep: 3, mask: maskSecrets, log, ...limits });
  const verify = () => verifyLog(folder, []);
  return {
    folder,
    file,
    open,
    wrote(count, limits) {
      const opened = open(limits);
      for (let at = 0; at < count; at += 1) opened.write({ event: "call.refused", tool: `tool_${at}` });
      opened.close();
    },
    lines: () => readFileSync(file, "utf8").trimEnd().split("\n"),
    verify,
    faults: () => verify().faults.map(({ reason, seq }) => `${reason}@${seq}`),
    events: () =>
      [...recordsOf(folder)].map(({ event, detail }) => (detail?.reason ? `${event} ${detail.reason}` : event)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
