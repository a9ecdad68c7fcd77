/**
 * What the buttons of questions publish: an answer with a signature over it and over all that the question binds, by a key that
 * only this process has. So nobody can write one, alter one, or use one for another question or after a restart.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { ErrorCode, ShownQuestion } from "@paddock/contract";
import * as z from "zod";
import type { Button } from "../buttons.ts";
import { isSame } from "../same-text.ts";

export interface Refused {
  approval: string;
  given: string;
  code: ErrorCode;
}

interface Offered {
  question: ShownQuestion;
  buttons: readonly Button[];
}

const message = z.strictObject({
  approval: z.string().max(64),
  answer: z.string().max(32),
  signature: z.string().max(64),
});
type Message = z.infer<typeof message>;

/** Questions that are over are known for a while, for a word about an answer that comes late. */
const maxKnown = 256;

export class SignedAnswers {
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, Offered>();

  /** What each of the question's buttons publishes. */
  offer(question: ShownQuestion, buttons: readonly Button[]): { label: string; body: string }[] {
    this.#known.set(question.id, { question, buttons });
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > maxKnown) this.#known.delete(oldest);
    return buttons.map(({ key, label }) => {
      const body: Message = { approval: question.id, answer: key, signature: this.#sign(question, key) };
      return { label, body: JSON.stringify(body) };
    });
  }

  /** The question and the button that was pressed, or why it was none. */
  read(text: string): { question: ShownQuestion; button: Button } | { refused: Refused } {
    const said = messageOf(text);
    if (!said) return { refused: { approval: "", given: text, code: "invalid_input" } };
    const { approval, answer: given, signature } = said;
    const offered = this.#known.get(approval);
    if (!offered) return { refused: { approval, given, code: "not_found" } };
    const { question, buttons } = offered;
    const button = buttons.find(({ key }) => key === given);
    if (button && isSame(signature, this.#sign(question, button.key))) return { question, button };
    return { refused: { approval, given, code: "wrong_signature" } };
  }

  #sign({ id, binding }: ShownQuestion, answer: string): string {
    const text = JSON.stringify(["paddock ntfy answer 1", id, binding, answer]);
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

function messageOf(text: string): Message | null {
  try {
    return message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
