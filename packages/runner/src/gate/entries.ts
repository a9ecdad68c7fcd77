/** What the audit log is told of a call, from its beginning to its end. */
import type { AuditEntry, PaddockError, ShownQuestion } from "@paddock/contract";
import type { Decision } from "@paddock/policy";
import type { Grant } from "../approvals/grants.ts";
import type { Settled } from "../approvals/questions.ts";
import type { GateCall } from "./call.ts";
import type { Result } from "./result.ts";

/** `grant` is the earlier answer that covers the call. */
export const startedEntry = (call: GateCall, decision: Decision, grant: Grant | null): AuditEntry => ({
  event: "call.started",
  ...who(call),
  input: call.input,
  ...decided(decision),
  ...(grant ? { detail: { grant: grant.id } } : {}),
});

export const refusedEntry = (call: GateCall, reason: PaddockError, decision?: Decision): AuditEntry => ({
  event: "call.refused",
  ...who(call),
  input: call.input,
  ...(decision ? decided(decision) : {}),
  state: "refused",
  code: reason.code,
});

export const finishedEntry = (call: GateCall, result: Result, milliseconds: number): AuditEntry => ({
  event: "call.finished",
  ...who(call),
  state: result.state,
  ...(result.code === undefined ? {} : { code: result.code }),
  ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
  milliseconds: Math.round(milliseconds * 100) / 100,
});

export const askedEntry = (
  call: GateCall,
  decision: Decision,
  { id, binding, assurance }: ShownQuestion,
): AuditEntry => ({
  event: "approval.asked",
  ...who(call),
  input: call.input,
  ...decided(decision),
  detail: { approval: id, binding, assurance },
});

/** Also for a question that nobody answered. */
export const answeredEntry = (call: GateCall, { type, answer, ...by }: Settled): AuditEntry => ({
  event: "approval.answered",
  ...who(call),
  detail: { answer: type, ...(answer ? { given: answer } : {}), ...by },
});

const decided = ({ verdict, because }: Decision): Pick<AuditEntry, "verdict" | "rules"> => ({
  verdict,
  rules: because.map(({ id }) => id),
});

const who = ({ run, tool, principal }: GateCall): Pick<AuditEntry, "run" | "principal" | "surface" | "tool"> => ({
  run,
  principal: principal.id,
  surface: principal.surface,
  tool,
});
