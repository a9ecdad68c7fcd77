/**
 * In which order the owner is asked: group after group, each at once over all its channels. The next group is tried only when
 * nobody can be asked over the one before; an answer, a dismissal or silence there is final.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ApprovalId, ApprovalOutcome, ShownQuestion } from "@paddock/contract";
import type { Channel } from "../channel.ts";
import type { Message, MessageChannel, Unavailable } from "./message-channel.ts";

const closingMs = 2_000;

export interface OrderParts {
  log: { warn(fields: object, message: string): void };
  groups: readonly (readonly MessageChannel[])[];
  /** Channels that are set up and carry messages only. */
  others: readonly MessageChannel[];
  /** Whether a question may wait where the owner has to look for it: `paddock approve`. */
  inbox: boolean;
}

export class Order implements Channel {
  readonly name = "order";
  readonly #parts: OrderParts;
  /** What is being told still. */
  readonly #ending = new Set<Promise<unknown>>();

  constructor(parts: OrderParts) {
    this.#parts = parts;
  }

  get channels(): MessageChannel[] {
    return [...this.#parts.groups.flat(), ...this.#parts.others];
  }

  /** `told` says that a person may see it and can allow it elsewhere only. */
  async show(question: ShownQuestion, signal: AbortSignal): Promise<"shown" | "told" | Unavailable> {
    const why: string[] = [];
    let isTold = this.#parts.inbox;
    for (const group of this.#parts.groups) {
      const results = await Promise.all(group.map((channel) => this.#showOver(channel, question, signal)));
      if (signal.aborted || results.includes("shown")) return "shown";
      isTold ||= results.includes("told");
      why.push(...results.flatMap((result) => (typeof result === "string" ? [] : result.unavailable)));
    }
    return isTold ? "told" : { unavailable: why.join("; ") };
  }

  async withdraw(id: ApprovalId, outcome: ApprovalOutcome): Promise<void> {
    const told = this.channels.map((channel) =>
      channel.withdraw(id, outcome).catch((fault: unknown) => {
        this.#parts.log.warn({ err: fault, channel: channel.name }, "a question could not be withdrawn");
      }),
    );
    const ending = Promise.all(told);
    this.#ending.add(ending);
    await ending;
    this.#ending.delete(ending);
  }

  /** Resolves when all have been told of what ended, or have had their time for it. */
  async close(): Promise<void> {
    const done = new AbortController();
    const late = wait(closingMs, undefined, { signal: done.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.#ending), late]);
    done.abort();
  }

  /** What fails over one channel fails there alone. */
  async #showOver(channel: MessageChannel, question: ShownQuestion, signal: AbortSignal) {
    try {
      return await channel.show(question, signal);
    } catch (error) {
      this.#parts.log.warn({ err: error, channel: channel.name }, "a channel failed unexpectedly");
      return { unavailable: `${channel.name} failed` };
    }
  }

  /** Over the named channel, or the first one that works. */
  async tell(message: Message, name: string | null): Promise<{ told: string } | Unavailable> {
    const why: string[] = [];
    for (const channel of this.channels) {
      if (name !== null && channel.name !== name) continue;
      const result = await channel.tell(message);
      if (result === "told") return { told: channel.name };
      why.push(result.unavailable);
    }
    return { unavailable: why.join("; ") || "no such channel is set up" };
  }
}
