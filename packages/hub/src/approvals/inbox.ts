/**
 * The questions of the linked machine, and the way back for answers. The hub keeps none of it: what is open is what the runner
 * has told since the link came up, and the runner alone decides whether an answer counts.
 */
import type { AuditLog } from "@paddock/audit";
import { type ApprovalAnswer, type DeviceSignature, PaddockError, type ShownQuestion } from "@paddock/contract";
import type { HubFrame, RunnerFrame } from "@paddock/contract/link";

export type AnswerFrame = Extract<HubFrame, { type: "answer" }>;

/** What a runner says about questions. */
export type QuestionFrame = Extract<
  RunnerFrame,
  { type: "question" | "question_over" | "answer_taken" | "answer_refused" }
>;

export interface QuestionEvents {
  /** A link is up or gone: what was told over another one is void. */
  cleared(): void;
  hear(frame: QuestionFrame): void;
}

export interface AnswerWire {
  listenToQuestions(events: QuestionEvents): void;
  /** False when no runner is there. */
  answer(frame: Omit<AnswerFrame, "type">): boolean;
}

/** An answer, and the person who gave it as the hub knows them. */
export interface PersonsAnswer {
  id: string;
  answer: ApprovalAnswer;
  by: string;
  signature?: DeviceSignature | undefined;
}

export interface Inbox {
  list(): ShownQuestion[];
  /** The question, once the runner has taken the answer. Throws what the runner refuses it with, and machine_offline. */
  answer(answer: PersonsAnswer): Promise<ShownQuestion>;
}

interface Waiting {
  resolve(): void;
  reject(reason: PaddockError): void;
  timer: NodeJS.Timeout;
}

/** More than a runner lets wait. */
const maxQuestions = 256;
const replyWithinMs = 10_000;

export const openInbox = (machine: AnswerWire, audit: Pick<AuditLog, "writeDurably">): Inbox =>
  new MachineInbox(machine, audit);

class MachineInbox implements Inbox, QuestionEvents {
  readonly #machine: AnswerWire;
  readonly #audit: Pick<AuditLog, "writeDurably">;
  readonly #open = new Map<string, ShownQuestion>();
  readonly #waiting = new Map<number, Waiting>();
  #exchanges = 0;

  constructor(machine: AnswerWire, audit: Pick<AuditLog, "writeDurably">) {
    this.#machine = machine;
    this.#audit = audit;
    machine.listenToQuestions(this);
  }

  list(): ShownQuestion[] {
    return [...this.#open.values()];
  }

  async answer({ id, answer, by, signature }: PersonsAnswer): Promise<ShownQuestion> {
    const question = this.#open.get(id);
    if (!question) {
      throw new PaddockError("not_found", "No such question waits.", "`paddock approve` lists those that wait.");
    }
    const detail = { approval: id, given: answer, by, signed: signature?.publicKey ?? null };
    this.#audit.writeDurably({ event: "approval.answered", run: question.run, detail });
    await this.#send({ id, answer, by, ...(signature ? { signature } : {}) });
    return question;
  }

  cleared(): void {
    this.#open.clear();
    for (const exchange of this.#waiting.keys()) this.#end(exchange)?.reject(brokenOff());
  }

  hear(frame: QuestionFrame): void {
    if (frame.type === "question_over") this.#open.delete(frame.id);
    else if (frame.type === "answer_taken") this.#end(frame.exchange)?.resolve();
    else if (frame.type === "answer_refused") {
      this.#end(frame.exchange)?.reject(new PaddockError(frame.code, frame.message));
    } else if (this.#open.size < maxQuestions) this.#open.set(frame.question.id, frame.question);
  }

  #end(exchange: number): Waiting | undefined {
    const found = this.#waiting.get(exchange);
    this.#waiting.delete(exchange);
    if (found) clearTimeout(found.timer);
    return found;
  }

  #send(frame: Omit<AnswerFrame, "type" | "exchange">): Promise<void> {
    this.#exchanges += 1;
    const exchange = this.#exchanges;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(exchange)?.reject(brokenOff()), replyWithinMs);
      this.#waiting.set(exchange, { resolve, reject, timer });
      if (this.#machine.answer({ exchange, ...frame })) return;
      this.#end(exchange)?.reject(new PaddockError("machine_offline", "The machine is not connected."));
    });
  }
}

const brokenOff = (): PaddockError =>
  new PaddockError(
    "unavailable",
    "The machine did not say whether it took the answer.",
    "Look at `paddock approve`: a question that still waits was not answered.",
  );
