/**
 * Questions to the owner. A call that must be asked about waits here; the first answer counts, silence is a no, and an
 * answer after the end changes nothing. "For some minutes" is remembered for the very same request of the same caller.
 */
import { createHash } from "node:crypto";
import { type ApprovalId, newId, PaddockError, type RunId } from "@paddock/contract";
import type { Decision, Request } from "@paddock/policy";

export interface Question {
  id: ApprovalId;
  run: RunId;
  request: Request;
  caller: string;
  /** Why it is asked, in the words of the rules. */
  because: readonly string[];
  assurance: Decision["assurance"];
  /** SHA-256 of the whole request: what an answer stands for, also where the audit log keeps only its beginning. */
  digest: string;
  askedAt: number;
  expiresAt: number;
}

export type Answer = { type: "allow_once" } | { type: "allow_minutes"; minutes: number } | { type: "deny" };
export type Verdict = "allowed" | "denied" | "expired" | "cancelled";

export interface Questions {
  /** Resolves when it is answered, expires, or the signal ends it. Throws too_many, and what `asked` throws. */
  ask(
    about: { run: RunId; request: Request; caller: string; decision: Decision; expiresAt: number; signal: AbortSignal },
    asked: (question: Question) => void,
  ): Promise<Verdict>;
  /** Whether an earlier answer still covers the very same request. */
  covered(request: Request): boolean;
  list(): Question[];
  /** Throws not_found when the question is over or never was. */
  answer(id: string, answer: Answer): Question;
  grants(): { principal: string; tool: string; until: number }[];
}

interface Open {
  question: Question;
  settle(verdict: Verdict): void;
}

const maxQuestions = 100;
/** Of one caller: nobody keeps the others' questions from the owner. */
const maxOfOne = 20;

export function openQuestions(clock: () => number = Date.now): Questions {
  const open = new Map<string, Open>();
  const grants = new Map<string, { principal: string; tool: string; until: number }>();

  return {
    covered: (request) => (grants.get(keyOf(request))?.until ?? 0) > clock(),

    ask({ run, request, caller, decision, expiresAt, signal }, asked) {
      const own = [...open.values()].filter(({ question }) => question.request.principal === request.principal);
      if (open.size >= maxQuestions || own.length >= maxOfOne) {
        throw new PaddockError(
          "too_many",
          `${own.length} questions of this caller wait for the owner already.`,
          "Wait until the owner has answered some of them; `paddock approve` on the machine lists them.",
        );
      }
      const question: Question = {
        id: newId("apr"),
        run,
        request,
        caller,
        because: decision.because.filter(({ verdict }) => verdict === "ask").map(({ reason }) => reason),
        assurance: decision.assurance,
        digest: keyOf(request),
        askedAt: clock(),
        expiresAt,
      };
      asked(question);
      return new Promise((resolve) => {
        const settle = (verdict: Verdict) => {
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
          open.delete(question.id);
          resolve(verdict);
        };
        const onAbort = () => settle("cancelled");
        const timer = setTimeout(() => settle("expired"), Math.max(0, expiresAt - clock()));
        signal.addEventListener("abort", onAbort, { once: true });
        open.set(question.id, { question, settle });
        if (signal.aborted) onAbort();
      });
    },

    list: () => [...open.values()].map(({ question }) => question),

    answer(id, answer) {
      const found = open.get(id);
      if (!found)
        throw new PaddockError(
          "not_found",
          "This question is answered, expired, or never was.",
          "`paddock approve` lists those that wait.",
        );
      const { request } = found.question;
      if (answer.type === "allow_minutes") {
        const until = clock() + answer.minutes * 60_000;
        grants.set(keyOf(request), { principal: request.principal, tool: request.tool, until });
      }
      found.settle(answer.type === "deny" ? "denied" : "allowed");
      return found.question;
    },

    grants: () => [...grants.values()].filter(({ until }) => until > clock()),
  };
}

/** Everything that was shown takes part, so that an answer covers nothing else. */
const keyOf = (request: Request): string => createHash("sha256").update(JSON.stringify(request)).digest("hex");
