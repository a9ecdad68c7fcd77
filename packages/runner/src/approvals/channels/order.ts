/**
 * In which order the owner is asked: group after group, each at once over all its channels. The next group is tried only when
 * nobody can be asked over the one before; an answer, a dismissal or silence there is final.
 */
import type { ApprovalId, ApprovalOutcome, ShownQuestion } from "@paddock/contract";
import type { Channel } from "../channel.ts";
import type { Message, MessageChannel, Unavailable } from "./message-channel.ts";

export interface OrderParts {
  groups: readonly (readonly MessageChannel[])[];
  /** Channels that are set up and carry messages only. */
  others: readonly MessageChannel[];
  /** Whether a question may wait where the owner has to look for it: `paddock approve`. */
  inbox: boolean;
}

export class Order implements Channel {
  readonly name = "order";
  readonly #parts: OrderParts;

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
      const results = await Promise.all(group.map((channel) => channel.show(question, signal)));
      if (signal.aborted || results.includes("shown")) return "shown";
      isTold ||= results.includes("told");
      why.push(...results.flatMap((result) => (typeof result === "string" ? [] : result.unavailable)));
    }
    return isTold ? "told" : { unavailable: why.join("; ") };
  }

  async withdraw(id: ApprovalId, outcome: ApprovalOutcome): Promise<void> {
    await Promise.all(this.channels.map((channel) => channel.withdraw(id, outcome)));
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
