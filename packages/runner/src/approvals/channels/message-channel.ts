/** What all ways to the owner have in common: they show questions, they tell messages, and they say whether they work. */
import type { ErrorCode } from "@paddock/contract";
import type { Texts } from "@paddock/contract/texts";
import type { Channel, GivenAnswer } from "../channel.ts";

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

/** An answer that came to a channel and is none: forged, garbled, or to a question that the channel never showed. */
export interface RefusedAnswer {
  channel: string;
  /** As it was claimed; nothing of it is true. */
  approval: string;
  claimed: string;
  code: ErrorCode;
}

/** What a channel needs of the rest. */
export interface ChannelParts {
  texts: Texts;
  /** Rejects with a PaddockError for an answer that changed nothing; that it was given is on record then. */
  answer(given: GivenAnswer): Promise<unknown>;
  /** Records it. */
  refused(answer: RefusedAnswer): void;
  log: { warn(fields: object, message: string): void };
}
