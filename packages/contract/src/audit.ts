/**
 * What an audit log holds: one JSON object a line, each carrying the hash of the line before it. Hub and runner write one
 * each and name the same run ids, so that the two can be joined.
 */
import * as z from "zod";

export const auditEvents = [
  "call.refused", // a surface or the policy said no; nothing ran
  "call.started",
  "call.finished",
  "approval.asked",
  "approval.answered",
  "token.created",
  "token.revoked",
  "credential.failed",
  "policy.changed",
  "service.started",
  "service.stopped",
] as const;

export const auditRecord = z.object({
  /** 1 for the first record of the log; rotation goes on counting. */
  seq: z.number().int().positive(),
  at: z.string(),
  event: z.enum(auditEvents),
  run: z.string().optional(),
  principal: z.string().optional(),
  surface: z.string().optional(),
  tool: z.string().optional(),
  /** The call's input, shortened and with secrets masked. */
  input: z.unknown().optional(),
  verdict: z.enum(["allow", "ask", "deny"]).optional(),
  /** Ids of the rules that decided. */
  rules: z.array(z.string()).optional(),
  state: z.string().optional(),
  code: z.string().optional(),
  exitCode: z.number().nullable().optional(),
  milliseconds: z.number().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
  /** SHA-256 of the line before, 64 hex digits; zeros for the first. */
  previous: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecord>;
export type AuditEntry = Omit<AuditRecord, "seq" | "at" | "previous">;
