/**
 * Questions to a service of the owner's own, such as a bot. The runner posts the question, asks the service for the answer
 * until there is one, and says how it ended: the service needs no way to the runner. Both sides sign what they say with one
 * secret; an answer names the question by its binding, so that it fits no other. It is worth what the hub's word is, or that
 * of an enrolled device whose signature it carries.
 */
import { setTimeout as wait } from "node:timers/promises";
import {
  type ApprovalId,
  type ApprovalOutcome,
  approvalAnswer,
  deviceSignature,
  PaddockError,
  type ShownQuestion,
} from "@paddock/contract";
import * as z from "zod";
import { canAllow } from "../buttons.ts";
import { type Answer, deliver, exchange } from "../http.ts";
import type { ChannelParts, Message, MessageChannel, Unavailable } from "../message-channel.ts";
import { isSigned, keyOf, signedHeaders } from "./signed.ts";

export interface WebhookParts extends ChannelParts {
  url: URL;
  secret: string;
}

/** A service may hold a request for the answer for so long. */
const longPollMs = 60_000;
const pauseMs = 1_000;
const longestPauseMs = 30_000;

/** Strict, and of a type that the runner itself never sends: nothing of it can be sent back as an answer. */
const answerBody = z.strictObject({
  type: z.literal("answer"),
  approval: z.string().max(64),
  binding: z.string().max(64),
  answer: approvalAnswer,
  by: z.string().regex(/^\P{C}{1,64}$/u),
  signature: deviceSignature.optional(),
});

export class Webhook implements MessageChannel {
  readonly name = "webhook";
  readonly #parts: WebhookParts;
  readonly #key: Buffer;
  /** Null where the service took the question, or why it did not. */
  readonly #posted = new Map<ApprovalId, Promise<string | null>>();

  constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#key = keyOf(parts.secret);
  }

  async show(question: ShownQuestion, signal: AbortSignal): Promise<"shown" | "told" | Unavailable> {
    const posted = this.#post(`${question.id}.question`, { type: "question", question });
    this.#posted.set(question.id, posted);
    const fault = await posted;
    if (fault !== null) return { unavailable: `the webhook cannot be reached (${fault})` };
    this.#poll(question, signal).catch((error: unknown) => {
      this.#parts.log.warn({ err: error }, "the webhook is not asked for an answer any more");
    });
    return canAllow(question, "device") ? "shown" : "told";
  }

  async withdraw(id: ApprovalId, outcome: ApprovalOutcome): Promise<void> {
    const posted = this.#posted.get(id);
    this.#posted.delete(id);
    if (!posted || (await posted) !== null) return;
    const fault = await this.#post(`${id}.over`, { type: "over", approval: id, outcome });
    if (fault !== null) this.#parts.log.warn({ fault }, "the webhook could not be told that a question is over");
  }

  async tell({ title, text, urgent }: Message): Promise<"told" | Unavailable> {
    const fault = await this.#post(`msg_${crypto.randomUUID()}`, { type: "message", title, text, urgent });
    return fault === null ? "told" : { unavailable: `the webhook cannot be reached (${fault})` };
  }

  /** There is no way to try it that would not say something. */
  async check(): Promise<"available" | Unavailable> {
    return "available";
  }

  /** Null, or why it could not be delivered. Its id is the same with every try, so that a service takes it once. */
  #post(id: string, body: object): Promise<string | null> {
    const { timeoutMs } = this.#parts;
    return deliver(() => this.#send(id, body, timeoutMs), timeoutMs);
  }

  #send(id: string, body: object, timeoutMs: number, signal?: AbortSignal): Promise<Answer> {
    const text = JSON.stringify(body);
    const headers = {
      ...signedHeaders(this.#key, id, Math.floor(Date.now() / 1000), text),
      "content-type": "application/json",
    };
    const request = { method: "POST", headers, body: text, ...(signal ? { signal } : {}) } as const;
    return exchange(this.#parts.url, request, timeoutMs);
  }

  async #poll(question: ShownQuestion, signal: AbortSignal): Promise<void> {
    let pause = pauseMs;
    let refused: string | undefined;
    for (let count = 1; !signal.aborted; count += 1) {
      const asks = { type: "poll", approval: question.id, ...(refused === undefined ? {} : { refused }) };
      const answer = await this.#send(`${question.id}.poll.${count}`, asks, longPollMs, signal).catch(() => null);
      refused = answer?.status === 200 ? await this.#take(question, answer) : undefined;
      pause = answer && answer.status < 300 ? pauseMs : Math.min(pause * 2, longestPauseMs);
      await wait(pause, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  /** The code that the answer is refused with, if it is. */
  async #take(question: ShownQuestion, { text, header }: Answer): Promise<string | undefined> {
    const body = isSigned(this.#key, header, text) ? answerOf(text) : null;
    if (!body || body.approval !== question.id || body.binding !== question.binding) {
      const code = body ? "approval_stale" : "wrong_signature";
      const claim = { approval: question.id, channel: this.name, given: body?.answer.type ?? "", by: body?.by ?? "" };
      this.#parts.refused(claim, code);
      return code;
    }
    const { answer, by, signature } = body;
    const given = { id: question.id, answer, channel: this.name, by: `webhook: ${by}`, assurance: "hub" as const };
    try {
      await this.#parts.answer({ ...given, ...(signature ? { signature } : {}) });
      return undefined;
    } catch (error) {
      if (error instanceof PaddockError) return error.code;
      throw error;
    }
  }
}

function answerOf(text: string): z.infer<typeof answerBody> | null {
  try {
    return answerBody.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
