/**
 * The questions of the linked machines, and the way back for answers. The hub keeps none of it: what is open is what each runner
 * has told since its link came up, and that runner alone decides whether an answer counts.
 */
import type { AuditLog } from "@paddock/audit";
import {
  type ApprovalAnswer,
  type DeviceSignature,
  type MachineId,
  PaddockError,
  type ShownQuestion,
} from "@paddock/contract";
import type { HubFrame, RunnerFrame } from "@paddock/contract/link";

export type AnswerFrame = Extract<HubFrame, { type: "answer" }>;

/** What a runner says about questions. */
export type QuestionFrame = Extract<
  RunnerFrame,
  { type: "question" | "question_over" | "answer_taken" | "answer_refused" }
>;

export interface QuestionEvents {
  /** A machine's link is up or gone: what was told over another one is void. */
  cleared(machine: MachineId): void;
  hear(machine: MachineId, frame: QuestionFrame): void;
}

/** The way back for answers. */
export interface AnsweredMachines {
  listenToQuestions(events: QuestionEvents): void;
  /** Its `answer` is false when no runner is there. */
  find(machine: MachineId): { answer(frame: Omit<AnswerFrame, "type">): boolean } | null;
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
  /** How long the question still waits, whatever the clock of its machine says. */
  leftMs(question: ShownQuestion): number;
  /** The question, once the runner has taken the answer. Throws what the runner refuses it with, and machine_offline. */
  answer(answer: PersonsAnswer): Promise<ShownQuestion>;
}

interface Told {
  machine: MachineId;
  question: ShownQuestion;
  /** When it is over, by this side's clock. */
  until: number;
}

interface Waiting {
  machine: MachineId;
  resolve(): void;
  reject(reason: PaddockError): void;
  timer: NodeJS.Timeout;
}

/** More than the runners of some machines let wait. */
const maxQuestions = 4_096;
const replyWithinMs = 10_000;

export const openInbox = (machines: AnsweredMachines, audit: Pick<AuditLog, "writeDurably">): Inbox =>
  new MachinesInbox(machines, audit);

class MachinesInbox implements Inbox, QuestionEvents {
  readonly #machines: AnsweredMachines;
  readonly #audit: Pick<AuditLog, "writeDurably">;
  readonly #open = new Map<string, Told>();
  readonly #waiting = new Map<number, Waiting>();
  #exchanges = 0;

  constructor(machines: AnsweredMachines, audit: Pick<AuditLog, "writeDurably">) {
    this.#machines = machines;
    this.#audit = audit;
    machines.listenToQuestions(this);
  }

  list(): ShownQuestion[] {
    return [...this.#open.values()].map(({ question }) => question);
  }

  leftMs({ id, expiresAt }: ShownQuestion): number {
    return Math.max(0, (this.#open.get(id)?.until ?? expiresAt) - Date.now());
  }

  async answer({ id, answer, by, signature }: PersonsAnswer): Promise<ShownQuestion> {
    const told = this.#open.get(id);
    if (!told) {
      throw new PaddockError("not_found", "No such question waits.", "`paddock approve` lists those that wait.");
    }
    const { machine, question } = told;
    const detail = { approval: id, given: answer, by, signed: signature?.publicKey ?? null };
    this.#audit.writeDurably({ event: "approval.answered", run: question.run, detail });
    await this.#send(machine, { id, answer, by, ...(signature ? { signature } : {}) });
    return question;
  }

  cleared(machine: MachineId): void {
    for (const [id, told] of this.#open) if (told.machine === machine) this.#open.delete(id);
    for (const [exchange, waiting] of this.#waiting)
      if (waiting.machine === machine) this.#end(machine, exchange)?.reject(brokenOff());
  }

  /** A machine speaks for its own questions, and takes its own answers, only. */
  hear(machine: MachineId, frame: QuestionFrame): void {
    if (frame.type === "answer_taken") this.#end(machine, frame.exchange)?.resolve();
    else if (frame.type === "answer_refused") {
      this.#end(machine, frame.exchange)?.reject(new PaddockError(frame.code, frame.message));
    } else if (frame.type === "question_over") {
      if (this.#open.get(frame.id)?.machine === machine) this.#open.delete(frame.id);
    } else {
      const { question, leftMs } = frame;
      this.#learn({ machine, question, until: leftMs === undefined ? question.expiresAt : Date.now() + leftMs });
    }
  }

  #learn(told: Told): void {
    const { id } = told.question;
    const known = this.#open.get(id);
    if (known ? known.machine === told.machine : this.#open.size < maxQuestions) this.#open.set(id, told);
  }

  #end(machine: MachineId, exchange: number): Waiting | undefined {
    const found = this.#waiting.get(exchange);
    if (found?.machine !== machine) return undefined;
    this.#waiting.delete(exchange);
    clearTimeout(found.timer);
    return found;
  }

  #send(machine: MachineId, frame: Omit<AnswerFrame, "type" | "exchange">): Promise<void> {
    this.#exchanges += 1;
    const exchange = this.#exchanges;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(machine, exchange)?.reject(brokenOff()), replyWithinMs);
      this.#waiting.set(exchange, { machine, resolve, reject, timer });
      if (this.#machines.find(machine)?.answer({ exchange, ...frame })) return;
      this.#end(machine, exchange)?.reject(new PaddockError("machine_offline", "The machine is not connected."));
    });
  }
}

const brokenOff = (): PaddockError =>
  new PaddockError(
    "unavailable",
    "The machine did not say whether it took the answer.",
    "Look at `paddock approve`: a question that still waits was not answered.",
  );
