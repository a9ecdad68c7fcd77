/**
 * Questions to the owner. A call that must be asked about waits here, is shown over every channel, and takes the first answer
 * that is worth enough. Silence is a no; an answer that is late, too weak or wrongly signed changes nothing and is on record.
 *
 * All of it is memory: after a restart the run is asked about again, under a new id and a new binding, so that no answer to an
 * old question fits a new one.
 */
import {
  type ApprovalAnswer,
  type ApprovalId,
  type ApprovalOutcome,
  type Assurance,
  type DeviceSignature,
  type ErrorCode,
  isWorth,
  newId,
  PaddockError,
  type ShownQuestion,
  signedText,
} from "@paddock/contract";
import type { Channel, GivenAnswer } from "./channel.ts";

export type Verdict = "allowed" | "denied" | "expired" | "cancelled" | "unavailable";

/** How a question ended, as its run learns it. */
export interface Settled extends ApprovalOutcome {
  type: Verdict;
  answer?: ApprovalAnswer;
  /** What the answer was worth. */
  assurance?: Assurance;
}

export interface AskedAbout {
  /** Whoever is asked for: nobody keeps the others' questions from the owner. */
  principal: string;
  question: Omit<ShownQuestion, "id" | "askedAt" | "expiresAt">;
  expiresInMs: number;
  signal: AbortSignal;
  /** Records the question. What it throws ends the question before it is open. */
  asked(question: ShownQuestion): void;
  /** Records an answer and makes it take effect. What it throws is told to whoever answered; the question stays open. */
  answered(settled: Settled): void | Promise<void>;
}

export interface Questions {
  /** Resolves when it is answered, expires, or the signal ends it. Throws too_many, and what `asked` throws. */
  ask(about: AskedAbout): Promise<Settled>;
  list(): ShownQuestion[];
  /** Tells of every question from now on; returns how to stop. */
  watch(watcher: Watcher): () => void;
  /** Throws not_found, approval_over, wrong_signature, answer_too_weak or invalid_input; the question is then as before. */
  answer(given: GivenAnswer): Promise<ShownQuestion>;
}

export interface Watcher {
  opened(question: ShownQuestion): void;
  over(id: ApprovalId, outcome: ApprovalOutcome): void;
}

export interface QuestionParts {
  channels: readonly Channel[];
  /** The name of an enrolled device if it signed the text; null otherwise. */
  deviceThatSigned(text: string, signature: DeviceSignature): string | null;
  /** Records an answer that changed nothing. */
  refused(given: GivenAnswer, code: ErrorCode): void;
  log: { warn(fields: object, message: string): void };
  clock?: () => number;
}

interface Open {
  about: AskedAbout;
  question: ShownQuestion;
  settle(settled: Settled): void;
  /** An answer is being written down; another one comes too late. */
  taken: boolean;
}

const maxQuestions = 100;
const maxOfOne = 20;
/** Questions that are over and still named as such to who answers late. */
const maxOver = 256;

export const openQuestions = (parts: QuestionParts): Questions => new OpenQuestions(parts);

class OpenQuestions implements Questions {
  readonly #parts: QuestionParts;
  readonly #clock: () => number;
  readonly #open = new Map<string, Open>();
  readonly #over = new Map<string, ApprovalOutcome>();
  readonly #watchers = new Set<Watcher>();

  constructor(parts: QuestionParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? Date.now;
  }

  list(): ShownQuestion[] {
    return [...this.#open.values()].map(({ question }) => question);
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  ask(about: AskedAbout): Promise<Settled> {
    const { principal, expiresInMs, signal } = about;
    const own = [...this.#open.values()].filter((one) => one.about.principal === principal);
    if (this.#open.size >= maxQuestions || own.length >= maxOfOne) throw tooMany(own.length);
    const askedAt = this.#clock();
    const question = { ...about.question, id: newId("apr"), askedAt, expiresAt: askedAt + expiresInMs };
    about.asked(question);
    const over = new AbortController();
    return new Promise((resolve) => {
      const settle = (settled: Settled) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        this.#close(question.id, settled);
        over.abort();
        resolve(settled);
      };
      const onAbort = () => settle({ type: "cancelled" });
      // A timer counts the time that passes, whatever happens to the clock of the machine.
      const timer = setTimeout(() => settle({ type: "expired" }), Math.max(0, expiresInMs));
      signal.addEventListener("abort", onAbort, { once: true });
      this.#open.set(question.id, { about, question, settle, taken: false });
      if (signal.aborted) return onAbort();
      for (const watcher of this.#watchers) watcher.opened(question);
      void this.#show(question, over.signal).then((isShown) => {
        if (!isShown && !over.signal.aborted) settle({ type: "unavailable" });
      });
    });
  }

  async answer(given: GivenAnswer): Promise<ShownQuestion> {
    try {
      return await this.#take(given);
    } catch (error) {
      if (error instanceof PaddockError) this.#parts.refused(given, error.code);
      throw error;
    }
  }

  async #take(given: GivenAnswer): Promise<ShownQuestion> {
    const open = this.#find(given.id);
    const { question, about, settle } = open;
    const { answer, channel } = given;
    const device = given.signature ? this.#deviceOf(question, answer, given.signature) : null;
    const assurance = device !== null && !isWorth(given.assurance, "device") ? "device" : given.assurance;
    demand(question, answer, assurance);
    open.taken = true;
    const type = answer.type === "deny" ? "denied" : "allowed";
    const settled: Settled = { type, channel, by: device ?? given.by, answer, assurance };
    try {
      await about.answered(settled);
    } finally {
      open.taken = false;
    }
    settle(settled);
    return question;
  }

  #find(id: string): Open {
    const open = this.#open.get(id);
    if (open && !open.taken) return open;
    const outcome = this.#over.get(id);
    if (open || outcome) {
      throw new PaddockError("approval_over", `This question is over: ${outcome ? wordsOf(outcome) : "answered"}.`);
    }
    throw new PaddockError(
      "not_found",
      "No such question waits; after a restart each is asked again under a new id.",
      "`paddock approve` lists those that wait.",
    );
  }

  #deviceOf(question: ShownQuestion, answer: ApprovalAnswer, signature: DeviceSignature): string {
    const device = this.#parts.deviceThatSigned(signedText(question, answer), signature);
    if (device !== null) return device;
    throw new PaddockError("wrong_signature", "The signature is not of an enrolled device over this question.");
  }

  /** False when there are channels and none of them reaches anybody. */
  async #show(question: ShownQuestion, signal: AbortSignal): Promise<boolean> {
    const { channels, log } = this.#parts;
    const shown = channels.map(async (channel) => {
      const result = await channel.show(question, signal).catch((fault: unknown) => ({ unavailable: String(fault) }));
      if (typeof result === "string") return true;
      log.warn({ why: result.unavailable, channel: channel.name }, "a question could not be shown");
      return false;
    });
    return shown.length === 0 || (await Promise.all(shown)).includes(true);
  }

  #close(id: ApprovalId, { type, channel, by }: Settled): void {
    this.#open.delete(id);
    const outcome = { type, ...(channel === undefined ? {} : { channel }), ...(by === undefined ? {} : { by }) };
    this.#over.set(id, outcome);
    const [oldest] = this.#over.keys();
    if (oldest !== undefined && this.#over.size > maxOver) this.#over.delete(oldest);
    for (const watcher of this.#watchers) watcher.over(id, outcome);
    for (const one of this.#parts.channels) {
      void one.withdraw(id, outcome).catch((fault: unknown) => {
        this.#parts.log.warn({ err: fault, channel: one.name }, "a question could not be withdrawn");
      });
    }
  }
}

function demand(question: ShownQuestion, answer: ApprovalAnswer, assurance: Assurance): void {
  if (answer.type === "deny") return;
  const wanted = answer.type === "allow_always" && question.assurance === "hub" ? "device" : question.assurance;
  if (!isWorth(assurance, wanted)) {
    throw new PaddockError(
      "answer_too_weak",
      `This wants an answer worth "${wanted}", and this one is "${assurance}".`,
    );
  }
  if (question.offers.includes(answer.type)) return;
  throw new PaddockError(
    "invalid_input",
    `This question cannot be answered with ${answer.type}.`,
    `Answer with one of: ${question.offers.join(", ")}.`,
  );
}

const tooMany = (own: number): PaddockError =>
  new PaddockError(
    "too_many",
    `${own} questions of this caller wait for the owner already.`,
    "Wait until the owner has answered some of them; `paddock approve` on the machine lists them.",
  );

const wordsOf = ({ type, by, channel }: ApprovalOutcome): string =>
  [type, by === undefined ? "" : ` by ${by}`, channel === undefined ? "" : ` over ${channel}`].join("");
