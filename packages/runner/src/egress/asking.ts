/** One question about something that leaves a cage: decided by the rules, shown, recorded, and what its answer brings. */
import { randomBytes } from "node:crypto";
import type { AuditLog } from "@paddock/audit";
import { newId, PaddockError } from "@paddock/contract";
import { type Decision, decide, type Profile, type Request, type Wants } from "@paddock/policy";
import { digestOf } from "../approvals/digest.ts";
import type { Grantable, Grants } from "../approvals/grants.ts";
import { present } from "../approvals/presentation.ts";
import type { Questions, Settled, Verdict } from "../approvals/questions.ts";
import type { RulesInForce } from "../gate/prepare.ts";
import type { Pauses } from "./pauses.ts";
import type { Caller } from "./traffic-log.ts";

export interface AskingParts {
  questions: Questions;
  grants: Grants;
  audit: AuditLog;
  rules: RulesInForce;
  profile: Profile;
  /** What this machine calls itself. */
  machine: string;
  timeoutMs: number;
  questionCharacters: number;
  /** Of the commands that wait for an answer. */
  pauses: Pauses;
}

/** What is wanted, and what the rules say of it. */
export interface Judged extends Grantable {
  /** Host or repository, as people read it. */
  what: string;
  decision: Decision;
}

export interface Wanted {
  tool: string;
  what: string;
  wants: Wants;
}

/** Throws denied. */
export function judge(parts: AskingParts, caller: Caller, { tool, what, wants }: Wanted): Judged {
  const { rules, profile, machine } = parts;
  const { principal, workspace } = caller;
  const who = { principal: principal.id, caller: principal.name, surface: principal.surface };
  const request: Request = { tool, effect: "reaches", profile, machine, ...who, workspace, wants };
  const decision = decide(rules.inForce(), request, rules.moment());
  const [rule] = decision.because;
  if (decision.verdict === "deny") throw refusal("denied", what, rule ? `rule ${rule.id}: ${rule.reason}` : "");
  return { request, decision, key: digestOf(request), what };
}

export interface Question {
  title: string;
  /** What is shown of it besides its command. */
  input: object;
  /** For `allow_always`: what that says, and what it does. */
  always?: { says: string; take(): void };
  signal: AbortSignal;
}

export async function askOwner(
  parts: AskingParts,
  { principal, domain }: Caller,
  judged: Judged,
  { title, input, always, signal }: Question,
): Promise<Verdict> {
  const { questions, audit, grants, machine, questionCharacters: mostCharacters } = parts;
  const { request, decision, what } = judged;
  const run = newId("run");
  const who = { run, principal: principal.id, surface: principal.surface, tool: request.tool };
  const answered = ({ type, answer, ...by }: Settled) => {
    const detail = { answer: type, ...(answer ? { given: answer } : {}), ...by, what };
    audit.writeDurably({ event: "approval.answered", ...who, detail });
  };
  const question = {
    ...present({ request, decision, title, input, caller: principal.name, machine, mostCharacters }),
    run,
    offers: ["allow_once", "allow_minutes", ...(always ? ["allow_always"] : []), "deny"],
    ...(always ? { always: always.says } : {}),
    binding: digestOf({ key: judged.key, nonce: randomBytes(32).toString("hex") }),
  };
  const ask = () =>
    questions.ask({
      principal: principal.id,
      question,
      expiresInMs: parts.timeoutMs,
      signal,
      asked: ({ id, binding, assurance }) =>
        audit.writeDurably({
          ...{ event: "approval.asked", ...who, verdict: decision.verdict },
          rules: decision.because.map((rule) => rule.id),
          detail: { approval: id, binding, assurance, what },
        }),
      answered: (given) => {
        answered(given);
        if (given.answer?.type === "allow_minutes") grants.add(judged, given.answer.minutes, "request");
        if (given.answer?.type === "allow_always") always?.take();
      },
    });
  const settled = await parts.pauses.during(domain, ask);
  if (!settled.answer) answered(settled);
  return settled.type;
}

/** Whether an owner's rule asks. The built-in one only speaks about what no list and no mode names. */
export const isOwnersQuestion = ({ decision }: Pick<Judged, "decision">): boolean =>
  decision.because.some((rule) => rule.verdict === "ask" && !rule.builtin);

/** Throws unless it is allowed. */
export function mustBeAllowed(verdict: Verdict, what: string): void {
  if (verdict !== "allowed") throw refusal(codes[verdict], what, words[verdict]);
}

export const refusal = (code: "denied" | "too_many" | (typeof codes)[keyof typeof codes], what: string, why: string) =>
  new PaddockError(code, `${what} is not reached: ${why}.`);

const codes = {
  denied: "approval_denied",
  expired: "approval_expired",
  cancelled: "cancelled",
  unavailable: "approval_unavailable",
} as const satisfies Record<Exclude<Verdict, "allowed">, string>;

const words = {
  denied: "the owner said no",
  expired: "nobody answered in time",
  cancelled: "the cage was ended",
  unavailable: "the owner could not be asked",
} as const satisfies Record<Exclude<Verdict, "allowed">, string>;
