/**
 * A question to the owner as it is shown, and what may be answered. Both are data: the command line, a notification and the
 * hub show the same question, and a device signs what it has shown.
 */
import * as z from "zod";
import { canonicalJson } from "./canonical-json.ts";
import { approvalId, runId } from "./ids.ts";

/** What an answer is worth: vouched for by the hub, signed by an enrolled device, or given on the machine. */
const assurance = z.enum(["hub", "device", "local"]);
export type Assurance = z.infer<typeof assurance>;

const worth = { hub: 0, device: 1, local: 2 } as const satisfies Record<Assurance, number>;
export const isWorth = (given: Assurance, wanted: Assurance): boolean => worth[given] >= worth[wanted];

const risk = z.enum(["low", "medium", "high"]);
export type Risk = z.infer<typeof risk>;

/** What a line tells; its words in each language are in the table of texts. */
const lineLabels = [
  "tool",
  "batch",
  "command",
  "invocation",
  "program",
  "directory",
  "workspace",
  "server",
  "machine",
  "caller",
  "wish",
  "path",
  "input",
  "diff",
  "warning",
  "rule",
  "reason",
] as const;

/** A line is one fact; its text may have several lines of its own. Characters that steer, hide or reorder are escaped already. */
export const shownLine = z.object({
  label: z.enum(lineLabels),
  text: z.string().max(16_384),
  /** Who chose the words. What an agent chose is shown behind a bar, so that it cannot pass for the rest. */
  from: z.enum(["paddock", "agent"]),
  /** Names the same text in the table of each language. */
  phrase: z.string().max(64).optional(),
  /** Only when `text` is a beginning: how long the whole is, and its SHA-256. */
  whole: z.object({ characters: z.number().int(), digest: z.string().max(64) }).optional(),
});
export type ShownLine = z.infer<typeof shownLine>;

const minutes = z
  .number()
  .int()
  .min(1)
  .max(24 * 60);

export const approvalAnswer = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("allow_once") }),
  /** This, and the very same request for so many minutes. */
  z.strictObject({ type: z.literal("allow_minutes"), minutes }),
  /** This, and every tool of the same bridged server for so many minutes. */
  z.strictObject({ type: z.literal("allow_server"), minutes }),
  /** This, and from now on what the question's `always` says. Wants more than the hub's word. */
  z.strictObject({ type: z.literal("allow_always") }),
  /** The reason is told to the caller as the owner's words. */
  z.strictObject({ type: z.literal("deny"), reason: z.string().max(500).optional() }),
]);
export type ApprovalAnswer = z.infer<typeof approvalAnswer>;
export type AnswerType = ApprovalAnswer["type"];

/** What is offered where there is room for few words. */
export const grantMinutes = [15, 30] as const;

export const shownQuestion = z.object({
  id: approvalId,
  run: runId,
  machine: z.string().max(128),
  /** What the answer must be worth at least. */
  assurance,
  risk,
  lines: z.array(shownLine).max(128),
  /** The kinds of answer that make sense here; `deny` always does. */
  offers: z.array(z.string().max(32)).max(8),
  /** The rule that `allow_always` would write, where it is offered. */
  always: z.string().max(8192).optional(),
  /** SHA-256 of everything the approval binds, shown here or not, with a value that only this runner made. */
  binding: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since the epoch, by this machine's clock; the runner itself counts the time that passes. */
  askedAt: z.number(),
  expiresAt: z.number(),
});
export type ShownQuestion = z.infer<typeof shownQuestion>;

/** How a question ended. `by` and `channel` say who answered, and through what; absent where nobody did. */
export const approvalOutcome = z.object({
  type: z.enum(["allowed", "denied", "expired", "cancelled", "unavailable"]),
  channel: z.string().max(32).optional(),
  by: z.string().max(128).optional(),
});
export type ApprovalOutcome = z.infer<typeof approvalOutcome>;

/** A raw Ed25519 public key in base64url. */
export const publicKeyText = z.string().regex(/^[\w-]{43}$/, "not a public key: 43 characters of base64url");

export const deviceSignature = z.object({
  publicKey: publicKeyText,
  /** Ed25519 over `signedText`, in base64url. */
  signature: z.string().regex(/^[\w-]{86}$/),
});
export type DeviceSignature = z.infer<typeof deviceSignature>;

/**
 * What a device signs: the whole question as it was shown and the answer, written so that both sides have the same
 * bytes. Who showed another question has a signature that fits nothing.
 */
export const signedText = (question: ShownQuestion, answer: ApprovalAnswer): string =>
  `paddock approval 1\n${canonicalJson({ answer, question })}`;
