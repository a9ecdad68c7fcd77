/**
 * What an audit log holds: one JSON object a line, each carrying the hash of the line before it. Hub and runner write one
 * each and name the same run ids, so that the two can be joined; each signs where its log ends and tells the other.
 */
import * as z from "zod";

export const auditEvents = [
  // Calls.
  "call.received", // the hub has sent it to the machine
  "call.refused", // a surface or the policy said no; nothing ran
  "call.started",
  "call.finished",
  "run.cancelled", // somebody asked for its end
  "approval.asked",
  "approval.answered",
  "approval.refused", // an answer that was late, too weak or wrongly signed; nothing changed
  "grant.revoked",
  "device.enrolled",
  "device.removed",
  // Who asks.
  "request.refused", // before it was a call: a foreign host or origin, no credential, a body that is none
  "credential.failed",
  "token.created",
  "token.revoked",
  "client.registered", // by itself, or by the owner
  "client.removed",
  "consent.given",
  "consent.refused",
  "consent.revoked",
  "owner.password_set",
  "owner.signed_in",
  "owner.signed_out",
  // Machines.
  "machine.invited",
  "machine.enrolled",
  "machine.refused", // a wrong, used or late join code, or a machine that the hub does not take
  "machine.changed", // its name or labels
  "machine.disabled",
  "machine.enabled",
  "machine.removed",
  "machine.key_changed",
  "machine.conflict", // two runners use one key
  "hub.key_changed", // on the hub, and on each machine that followed
  // What cages reach.
  "network.allowed", // the first connection of a cage to a host
  "network.refused",
  "network.used", // what it came to, summed up
  "policy.changed",
  // What runs.
  "service.started",
  "service.stopped",
  "link.opened",
  "link.closed",
  // The logs themselves.
  "head.received", // where the other side's log ends, signed by it
  "head.refused",
  "log.rotated",
  "log.damaged", // found while it was written, or at the start
  "log.accepted", // the owner has seen these faults
  "clock.moved", // the clock of the machine went back
] as const;

export const auditRecord = z.object({
  /** 1 for the first record of the log; rotation goes on counting. */
  seq: z.number().int().positive(),
  at: z.string(),
  event: z.enum(auditEvents),
  run: z.string().optional(),
  principal: z.string().optional(),
  surface: z.string().optional(),
  machine: z.string().optional(),
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

/** Where a log ends: the number of its last record, and the hash of its last line. */
export const chainHead = z.object({ seq: z.number().int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });
export type ChainHead = z.infer<typeof chainHead>;

/** The end of a log at a moment, vouched for by whoever writes the log. */
export const signedHead = chainHead.extend({
  /** The writer's Ed25519 public key, its 32 bytes as base64url. */
  key: z.string().regex(/^[\w-]{43}$/),
  at: z.iso.datetime(),
  signature: z.string().regex(/^[\w-]{86}$/),
});
export type SignedHead = z.infer<typeof signedHead>;

/** The faults of a log that its owner has seen, by the names that `audit verify` gave them, and what they say to that. */
export const acceptedFaults = z.strictObject({
  faults: z.array(z.string().min(1).max(120)).min(1).max(20),
  reason: z.string().max(200).optional(),
});

/** What hub and runner tell each other of their logs. */
export const headWord = z.object({
  head: signedHead,
  /** The last that was heard of the other's log, said when a connection is new: it can see whether it still is that log. */
  known: signedHead.optional(),
});
export type HeadWord = z.infer<typeof headWord>;
