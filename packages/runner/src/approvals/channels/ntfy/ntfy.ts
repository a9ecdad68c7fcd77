/**
 * Questions on a phone, over an ntfy server. A button publishes a signed answer to a second topic, to which the runner listens
 * while questions are open: no port of this machine is open for it, and no answer is ever part of an address.
 *
 * Whoever can read the first topic can press its buttons, the server among them. So an answer is worth no more than one that
 * the hub vouches for, and there are buttons only where the topic cannot be read without a token.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type ApprovalId, type ApprovalOutcome, PaddockError, type ShownQuestion } from "@paddock/contract";
import { fill } from "@paddock/contract/texts";
import { type Button, buttonsOf, canAllow } from "../buttons.ts";
import { faultOf } from "../http.ts";
import type { ChannelParts, Message, MessageChannel, Unavailable } from "../message-channel.ts";
import { outcomeWords, questionWords, titleOf, withoutSecrets } from "../words.ts";
import type { NtfyServer } from "./server.ts";
import { SignedAnswers } from "./signed-answers.ts";

export interface NtfyParts extends ChannelParts {
  server: NtfyServer;
  topic: string;
}

interface Open {
  question: ShownQuestion;
  /** Settled when it is published, or could not be; null before that is tried. */
  published: Promise<unknown> | null;
}

/** What fits into a message of 4096 bytes, also where each character has three. */
const room = { characters: 1000, lines: 60 };
/** ntfy shows no more. */
const mostButtons = 3;
/** After the last question, so that an answer that comes late is on record. */
const lingerMs = 60_000;
const priority = { question: 5, urgent: 5, message: 3, over: 2 } as const;

export class Ntfy implements MessageChannel {
  readonly name = "ntfy";
  readonly #parts: NtfyParts;
  /** Where answers are published to. Anybody may write there: what counts is the signature. */
  readonly #answersTopic: string;
  readonly #answers = new SignedAnswers();
  readonly #open = new Map<ApprovalId, Open>();
  #ending: NodeJS.Timeout | undefined;
  #listening: { ready: Promise<unknown>; stop: AbortController } | null = null;

  constructor(parts: NtfyParts) {
    this.#parts = parts;
    this.#answersTopic = `${parts.topic}-answers`;
  }

  async show(question: ShownQuestion, signal: AbortSignal): Promise<"shown" | "told" | Unavailable> {
    const open: Open = { question, published: null };
    this.#open.set(question.id, open);
    try {
      const { byOwner, byAnybody } = await this.#readable();
      if (!byOwner) return this.#gone(question.id, refusedToken);
      const buttons = byAnybody ? [] : await this.#offered(question);
      if (signal.aborted) return this.#gone(question.id, "told");
      const published = this.#publish(question, buttons);
      open.published = published.catch(() => undefined);
      await published;
      return buttons.length > 1 ? "shown" : "told";
    } catch (error) {
      return this.#gone(question.id, { unavailable: `ntfy cannot be reached (${faultOf(error)})` });
    }
  }

  async withdraw(id: ApprovalId, outcome: ApprovalOutcome): Promise<void> {
    const open = this.#open.get(id);
    this.#gone(id, null);
    if (!open?.published) return;
    const { texts, server, topic, log } = this.#parts;
    await open.published;
    const title = titleOf(open.question, texts);
    const over = { topic, title, message: outcomeWords(outcome, texts), priority: priority.over, sequence_id: id };
    await server.publish(over).catch((error: unknown) => {
      log.warn({ fault: faultOf(error) }, "ntfy could not be told that a question is over");
    });
  }

  async tell({ title, text, urgent }: Message): Promise<"told" | Unavailable> {
    const { server, topic } = this.#parts;
    try {
      await server.publish({ topic, title, message: text, priority: priority[urgent ? "urgent" : "message"] });
      return "told";
    } catch (error) {
      return { unavailable: `ntfy cannot be reached (${faultOf(error)})` };
    }
  }

  async check(): Promise<"available" | Unavailable> {
    try {
      const { byOwner, byAnybody } = await this.#readable();
      if (!byOwner) return refusedToken;
      return byAnybody ? openTopic : "available";
    } catch (error) {
      return { unavailable: `ntfy cannot be reached (${faultOf(error)})` };
    }
  }

  async #readable(): Promise<{ byOwner: boolean; byAnybody: boolean }> {
    const { server, topic } = this.#parts;
    const [byOwner, byAnybody] = await Promise.all([server.mayRead(topic, "owner"), server.mayRead(topic, "anybody")]);
    return { byOwner, byAnybody };
  }

  async #offered(question: ShownQuestion): Promise<Button[]> {
    const { texts } = this.#parts;
    await this.#listen();
    const isWhole = withoutSecrets(question) === question && questionWords(question, texts, room).whole;
    const mayAllow = isWhole && canAllow(question, "hub");
    return buttonsOf(question, texts, mostButtons, mayAllow);
  }

  async #publish(question: ShownQuestion, buttons: readonly Button[]): Promise<void> {
    const { texts, server, topic } = this.#parts;
    const { title, text, whole } = questionWords(withoutSecrets(question), texts, room);
    const elsewhere = whole && buttons.length < 2 ? [fill(texts.answer_elsewhere, { id: question.id })] : [];
    const url = server.at(this.#answersTopic).href;
    await server.publish({
      ...{ topic, title, message: [text, ...elsewhere].join("\n"), priority: priority.question },
      sequence_id: question.id,
      actions: this.#answers
        .offer(question, buttons)
        .map((button) => ({ action: "http", url, method: "POST", clear: true, ...button })),
    });
  }

  /** Resolves when the server tells what is published from now on. */
  async #listen(): Promise<void> {
    this.#listening ??= this.#begin();
    const late = wait(this.#parts.timeoutMs, undefined, { ref: false }).then(() => {
      throw new Error("no answers can be heard in time");
    });
    await Promise.race([this.#listening.ready, late]);
  }

  #begin(): { ready: Promise<unknown>; stop: AbortController } {
    const { promise: ready, resolve } = Promise.withResolvers();
    const stop = new AbortController();
    const { server, log } = this.#parts;
    const hear = async () => {
      const told = server.listen(this.#answersTopic, () => resolve(undefined), stop.signal);
      for await (const text of told) this.#hear(text);
    };
    hear().catch((fault: unknown) => log.warn({ err: fault }, "answers over ntfy are not heard any more"));
    return { ready, stop };
  }

  #gone<T>(id: ApprovalId, result: T): T {
    this.#open.delete(id);
    clearTimeout(this.#ending);
    if (this.#open.size === 0) this.#ending = setTimeout(() => this.#rest(), lingerMs).unref();
    return result;
  }

  #rest(): void {
    if (this.#open.size > 0) return;
    this.#listening?.stop.abort();
    this.#listening = null;
  }

  #hear(text: string): void {
    const { answer, refused, log } = this.#parts;
    const read = this.#answers.read(text);
    if ("refused" in read) {
      const { approval, given, code } = read.refused;
      refused({ approval, given, channel: this.name, by: "ntfy" }, code);
      return;
    }
    const { question, button } = read;
    answer({ id: question.id, answer: button.answer, channel: this.name, by: "ntfy", assurance: "hub" }).catch(
      (fault: unknown) => {
        if (!(fault instanceof PaddockError)) log.warn({ err: fault }, "an answer over ntfy was lost");
      },
    );
  }
}

const refusedToken: Unavailable = {
  unavailable: "the ntfy server does not let Paddock read the topic: check ntfy_token_file",
};
const openTopic: Unavailable = {
  unavailable:
    "anybody can read the ntfy topic, so that it only tells of questions: protect it with a token on the server",
};
