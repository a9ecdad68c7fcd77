/** What the owner of the machine can look at. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditRecord } from "@paddock/contract";
import type { World } from "../world/world.ts";

/** All records of an audit log, oldest first. */
export function auditOf({ home }: Pick<World, "home">, service: "hub" | "runner"): AuditRecord[] {
  const lines = readFileSync(join(home, service, "audit.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}
