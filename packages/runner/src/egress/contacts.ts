/**
 * Asks the owner about a host that no list names. Everything of a trust domain that wants the same host waits for the same
 * answer, a "no" holds for a while, and nobody is asked more at once than a person can read.
 */
import { randomBytes } from "node:crypto";
import type { AuditLog } from "@paddock/audit";
import { newId, PaddockError } from "@paddock/contract";
import { type Decision, decide, type Profile, type Request } from "@paddock/policy";
import { digestOf } from "../approvals/digest.ts";
import type { Grantable, Grants } from "../approvals/grants.ts";
import { present } from "../approvals/presentation.ts";
import type { Questions, Settled, Verdict } from "../approvals/questions.ts";
import type { RulesInForce } from "../gate/prepare.ts";
import type { NetworkList } from "./network-list.ts";
import { shownTarget, type Target } from "./target.ts";
import type { Caller } from "./traffic-log.ts";

export interface ContactParts {
  questions: Questions;
  grants: Grants;
  audit: AuditLog;
  list: NetworkList;
  rules: RulesInForce;
  profile: Profile;
  /** What this machine calls itself. */
  machine: string;
  timeoutMs: number;
}

const maxOpen = 5;
const maxRemembered = 1000;
/** "Once" is one visit: a program opens many connections for what a person sees as one. */
const rememberedMs = {
  allowed: 60_000,
  denied: 600_000,
  expired: 120_000,
  cancelled: 0,
  unavailable: 10_000,
} as const satisfies Record<Verdict, number>;

export class Contacts {
  readonly #parts: ContactParts;
  readonly #open = new Map<string, { domain: string; answer: Promise<Verdict> }>();
  readonly #remembered = new Map<string, { verdict: Verdict; until: number }>();

  constructor(parts: ContactParts) {
    this.#parts = parts;
  }

  /** What the owner's rules say of this host. Throws denied. */
  judge(caller: Caller, target: Target): Judged {
    const { rules, profile, machine } = this.#parts;
    const request = requestOf(caller, target, { profile, machine });
    const decision = decide(rules.inForce(), request, rules.moment());
    const [rule] = decision.because;
    if (decision.verdict === "deny") throw refusal("denied", target, rule ? `rule ${rule.id}: ${rule.reason}` : "");
    return { request, decision, key: digestOf(request), target };
  }

  /** Resolves when the host may be reached. Throws what the owner says otherwise, and too_many. */
  async ask(caller: Caller, judged: Judged, signal: AbortSignal): Promise<void> {
    const { target } = judged;
    if (this.#parts.grants.covers(judged)) return;
    const verdict = this.#known(caller, target) ?? (await this.#answerTo(caller, { ...judged, signal }));
    if (verdict !== "allowed") throw refusal(codes[verdict], target, words[verdict]);
  }

  #known({ domain }: Caller, target: Target): Verdict | null {
    const found = this.#remembered.get(keyOf(domain, target));
    return found && found.until > Date.now() ? found.verdict : null;
  }

  async #answerTo(caller: Caller, about: About): Promise<Verdict> {
    const key = keyOf(caller.domain, about.target);
    const known = this.#open.get(key);
    if (known) return known.answer;
    const own = [...this.#open.values()].filter(({ domain }) => domain === caller.domain).length;
    if (own >= maxOpen) throw refusal("too_many", about.target, `${own} other hosts wait for the owner already`);
    const answer = this.#question(caller, about);
    this.#open.set(key, { domain: caller.domain, answer });
    try {
      const verdict = await answer;
      this.#remember(key, verdict);
      return verdict;
    } finally {
      this.#open.delete(key);
    }
  }

  async #question(caller: Caller, about: About): Promise<Verdict> {
    const { questions, audit, timeoutMs } = this.#parts;
    const { principal } = caller;
    const run = newId("run");
    const who = { run, principal: principal.id, surface: principal.surface, tool: about.request.tool };
    const host = shownTarget(about.target);
    const answered = ({ type, answer, ...by }: Settled) =>
      audit.writeDurably({
        event: "approval.answered",
        ...who,
        detail: { answer: type, ...(answer ? { given: answer } : {}), ...by, host },
      });
    const settled = await questions.ask({
      principal: principal.id,
      question: { ...this.#shown(caller, about), run },
      expiresInMs: timeoutMs,
      signal: about.signal,
      asked: ({ id, binding, assurance }) =>
        audit.writeDurably({
          event: "approval.asked",
          ...who,
          verdict: about.decision.verdict,
          rules: about.decision.because.map((rule) => rule.id),
          detail: { approval: id, binding, assurance, host },
        }),
      answered: (given) => {
        answered(given);
        this.#take(about, given);
      },
    });
    if (!settled.answer) answered(settled);
    return settled.type;
  }

  #shown({ principal }: Caller, { request, decision, target, key }: About) {
    const { machine } = this.#parts;
    const title = "Connect to a host";
    return {
      ...present({ request, decision, title, input: target, caller: principal.name, machine }),
      offers: ["allow_once", "allow_minutes", "allow_always", "deny"],
      always: `paddock network allow ${shownTarget(target)}`,
      binding: digestOf({ key, nonce: randomBytes(32).toString("hex") }),
    };
  }

  #take(about: About, { answer }: Settled): void {
    const { grants, list, audit } = this.#parts;
    if (answer?.type === "allow_minutes") grants.add(about, answer.minutes, "request");
    if (answer?.type !== "allow_always") return;
    const added = list.allow(shownTarget(about.target), false);
    audit.writeDurably({
      event: "policy.changed",
      detail: { network: { host: shownTarget(about.target), source: added.source } },
    });
  }

  #remember(key: string, verdict: Verdict): void {
    const forMs = rememberedMs[verdict];
    this.#remembered.delete(key);
    if (forMs > 0) this.#remembered.set(key, { verdict, until: Date.now() + forMs });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > maxRemembered && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

export interface Judged extends Grantable {
  decision: Decision;
  target: Target;
}

interface About extends Judged {
  signal: AbortSignal;
}

const keyOf = (domain: string, target: Target): string => `${domain}\n${shownTarget(target)}`;

const requestOf = (
  { principal, workspace }: Caller,
  target: Target,
  here: Pick<ContactParts, "profile" | "machine">,
): Request => ({
  tool: "network",
  effect: "reaches",
  ...here,
  principal: principal.id,
  caller: principal.name,
  surface: principal.surface,
  workspace,
  wants: { network: true, hosts: [shownTarget(target)] },
});

const codes = {
  denied: "approval_denied",
  expired: "approval_expired",
  cancelled: "cancelled",
  unavailable: "approval_unavailable",
} as const;
const words = {
  denied: "the owner said no",
  expired: "nobody answered in time",
  cancelled: "the cage was ended",
  unavailable: "the owner could not be asked",
} as const;

const refusal = (code: "denied" | "too_many" | (typeof codes)[keyof typeof codes], target: Target, why: string) =>
  new PaddockError(code, `${shownTarget(target)} is not reached: ${why}.`);
