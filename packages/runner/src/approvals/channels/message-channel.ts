/** What all ways to the owner have in common: they show questions, they tell messages, and they say whether they work. */
import type { ErrorCode } from "@paddock/contract";
import type { Texts } from "@paddock/contract/texts";
import type { Channel, GivenAnswer } from "../channel.ts";
import type { RefusedAnswer } from "../refusals.ts";

export interface Unavailable {
  /** Why nobody can be reached, in one sentence without its full stop. */
  unavailable: string;
}

export interface Message {
  title: string;
  text: string;
  urgent: boolean;
}

export interface MessageChannel extends Channel {
  /** Tells something that wants no answer. */
  tell(message: Message): Promise<"told" | Unavailable>;
  /** Whether it would work now, without showing anything to anybody. */
  check(): Promise<"available" | Unavailable>;
}

/** What a channel needs of the rest. */
export interface ChannelParts {
  texts: Texts;
  /** For the other side to answer, each time. */
  timeoutMs: number;
  /** Rejects with a PaddockError for an answer that changed nothing; that it was given is on record then. */
  answer(given: GivenAnswer): Promise<unknown>;
  /** Records an answer that did not get as far: forged, garbled, or to a question that the channel never showed. */
  refused(refused: RefusedAnswer, code: ErrorCode): void;
  log: { warn(fields: object, message: string): void };
}
