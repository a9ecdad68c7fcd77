/**
 * The second stage of the gate: a call that must be asked about. What was approved is looked at again just before the start;
 * where it has become something else, nothing runs.
 */

import type { AuditLog } from "@paddock/audit";
import { type Config, PaddockError, type ShownQuestion, visible } from "@paddock/contract";
import { bindingOf, changedIn, type Facts, factsOf } from "../approvals/binding.ts";
import { digestOf } from "../approvals/digest.ts";
import type { Grantable, Grants } from "../approvals/grants.ts";
import { present } from "../approvals/presentation.ts";
import type { Questions, Settled, Verdict } from "../approvals/questions.ts";
import { standingRule } from "../approvals/standing-rule.ts";
import type { RuleDraft } from "../rules/edit-rules.ts";
import type { Rules } from "../rules/rules.ts";
import type { GateCall } from "./call.ts";
import { answeredEntry, askedEntry } from "./entries.ts";
import { foldersFor } from "./executables.ts";
import { denial, type Prepared, type RulesInForce } from "./prepare.ts";

export interface AskParts {
  questions: Questions;
  grants: Grants;
  audit: AuditLog;
  /** What this machine calls itself. */
  machine: string;
  rules: Pick<Rules, "addRule" | "tryRule">;
  /** The owner's PATH. */
  searchPath: string;
  approvalTimeoutMs: number;
  questionCharacters: number;
}

/** As the settings want it. */
export const askingAs = (config: Config): Pick<AskParts, "approvalTimeoutMs" | "questionCharacters"> => ({
  approvalTimeoutMs: config.approval_timeout_seconds * 1000,
  questionCharacters: config.question_characters,
});

/** A longer rule would not be shown whole, so it is not offered. */
const maxRuleCharacters = 8_000;

/** What a prepared call would do at this moment. */
export interface Seen extends Grantable {
  facts: Facts;
  diff: string | undefined;
}

/** Throws what the call would fail with anyway, such as an edit whose text is not there. */
export async function look(
  { request, decision, input, preview, place }: Prepared,
  ownersSearchPath: string,
): Promise<Seen> {
  const diff = await preview();
  const facts = await factsOf(request, input, diff, foldersFor(request.wants, ownersSearchPath, place.roots.list));
  return { request, decision, facts, diff, key: digestOf(facts) };
}

export interface Asked {
  call: GateCall;
  prepared: Prepared;
  seen: Seen;
  signal: AbortSignal;
  /** The question is on record and open. */
  open(question: ShownQuestion): void;
  /** Prepares the same call anew, as these rules or those in force decide it. */
  again(rules?: RulesInForce): Promise<Prepared>;
}

/** The call as it may run now. Throws the failure that it ends with otherwise. */
export async function askOwner(parts: AskParts, asked: Asked): Promise<Prepared> {
  const { call, seen } = asked;
  const standing = await standingOf(parts, asked);
  const settled = await parts.questions.ask({
    principal: call.principal.id,
    question: questionOf(parts, asked, standing),
    expiresInMs: Math.min(call.deadline - Date.now(), parts.approvalTimeoutMs),
    signal: asked.signal,
    asked(question) {
      parts.audit.writeDurably(askedEntry(call, asked.prepared.decision, question));
      asked.open(question);
    },
    answered(given) {
      parts.audit.writeDurably(answeredEntry(call, given));
      grant(parts.grants, seen, given);
      if (given.answer?.type === "allow_always" && standing) parts.rules.addRule(standing.draft);
    },
  });
  if (!settled.answer) parts.audit.writeDurably(answeredEntry(call, settled));
  if (settled.type !== "allowed") throw refusalOf(settled);
  return unchanged(seen, await asked.again(), parts.searchPath);
}

interface Standing {
  draft: RuleDraft;
  text: string;
}

/** The rule that "always" would write, when there is one and it would do: the rules decide, as they will with it. */
async function standingOf({ rules }: AskParts, { seen, again }: Asked): Promise<Standing | null> {
  const draft = standingRule(seen.request, seen.facts.programs, seen.key);
  const tried = draft && rules.tryRule(draft);
  if (!draft || !tried || visible(tried.text).length > maxRuleCharacters) return null;
  const { decision } = await again(tried.rules);
  return decision.verdict === "allow" ? { draft, text: tried.text } : null;
}

function questionOf(
  { machine, questionCharacters: mostCharacters }: AskParts,
  { call, prepared, seen }: Asked,
  standing: Standing | null,
) {
  const { request, decision, tool, input } = prepared;
  const { name: caller } = call.principal;
  const programs = seen.facts.programs.map(({ path }) => path);
  const forServer = request.wants.server === undefined ? [] : ["allow_server"];
  return {
    ...present({
      ...{ request, decision, title: tool.title, input, diff: seen.diff, programs },
      ...{ caller, machine, mostCharacters, isOfBatch: call.hold ?? false },
    }),
    run: call.run,
    offers: ["allow_once", "allow_minutes", ...forServer, ...(standing ? ["allow_always"] : []), "deny"],
    ...(standing ? { always: visible(standing.text) } : {}),
    binding: bindingOf(seen.facts),
  };
}

function grant(grants: Grants, seen: Seen, { answer }: Settled): void {
  if (answer?.type === "allow_minutes") grants.add(seen, answer.minutes, "request");
  if (answer?.type === "allow_server") grants.add(seen, answer.minutes, "server");
}

async function unchanged(seen: Seen, prepared: Prepared, searchPath: string): Promise<Prepared> {
  if (prepared.decision.verdict === "deny") throw denial(prepared.decision);
  const stale = staleness(seen, await look(prepared, searchPath));
  if (stale) throw stale;
  return prepared;
}

/** Why what was approved is not what would run now; null when it is the same. */
export function staleness(approved: Seen, now: Seen): PaddockError | null {
  const changed = changedIn(approved.facts, now.facts);
  if (changed.length === 0) return null;
  return new PaddockError("approval_stale", `What the owner approved has changed since: ${changed.join(", ")}.`);
}

function refusalOf({ type, answer }: Settled): PaddockError {
  const reason = answer?.type === "deny" ? answer.reason : undefined;
  if (reason !== undefined) return new PaddockError("approval_denied", `The owner said no: ${JSON.stringify(reason)}`);
  const [code, words] = refusals[type as Exclude<Verdict, "allowed">];
  return new PaddockError(code, words);
}

const refusals = {
  denied: ["approval_denied", "The owner said no."],
  expired: ["approval_expired", "Nobody answered the question in time."],
  cancelled: ["cancelled", "The call was cancelled while it waited for the owner."],
  unavailable: ["approval_unavailable", "The owner could not be asked."],
} as const satisfies Record<Exclude<Verdict, "allowed">, readonly [string, string]>;
