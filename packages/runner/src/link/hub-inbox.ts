/**
 * The questions as the hub knows them: what is open is told over the link, again after each new one, and answers come back over
 * it. The hub vouches for who gave one; what it cannot vouch for has to be signed by a device.
 */
import { PaddockError, type ShownQuestion } from "@paddock/contract";
import type { HubFrame, RunnerFrame } from "@paddock/contract/link";
import type { Questions } from "../approvals/questions.ts";

type AnswerFrame = Extract<HubFrame, { type: "answer" }>;
type Send = (frame: RunnerFrame) => void;

const maxMessage = 1024;

export interface HubInbox {
  /** Tells what is open, and what becomes of it; returns how to stop. */
  tell(send: Send): () => void;
  /** Takes an answer, and says what came of it. */
  take(frame: AnswerFrame, send: Send): Promise<void>;
}

export function openHubInbox(questions: Questions, log: { error(fields: object, message: string): void }): HubInbox {
  return {
    tell(send) {
      const opened = (question: ShownQuestion): void =>
        send({ type: "question", question, leftMs: Math.round(question.expiresAt - Date.now()) });
      for (const question of questions.list()) opened(question);
      return questions.watch({
        opened,
        over: (id, outcome) => send({ type: "question_over", id, outcome }),
      });
    },
    async take({ exchange, id, answer, by, signature }, send) {
      const given = { id, answer, by, channel: "hub", assurance: "hub" } as const;
      try {
        await questions.answer({ ...given, ...(signature ? { signature } : {}) });
        send({ type: "answer_taken", exchange });
      } catch (error) {
        const refused = error instanceof PaddockError ? error : new PaddockError("internal", "The answer failed.");
        if (refused !== error) log.error({ err: error, approval: id }, "an answer failed unexpectedly");
        send({ type: "answer_refused", exchange, code: refused.code, message: refused.message.slice(0, maxMessage) });
      }
    },
  };
}
