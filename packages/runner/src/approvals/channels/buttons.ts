/** The answers that a channel offers for a question, in the order in which they are pressed most. */
import { type ApprovalAnswer, type Assurance, isWorth, type ShownQuestion } from "@paddock/contract";
import { fill, type Texts } from "@paddock/contract/texts";

export interface Button {
  /** Names the answer towards the channel. */
  key: string;
  label: string;
  answer: ApprovalAnswer;
}

/** Whether an answer of that worth can allow what is asked. */
export const canAllow = (question: ShownQuestion, assurance: Assurance): boolean =>
  isWorth(assurance, question.assurance);

const presets: readonly ApprovalAnswer[] = [
  { type: "allow_once" },
  { type: "allow_server", minutes: 15 },
  { type: "allow_server", minutes: 30 },
  { type: "allow_minutes", minutes: 15 },
];
const deny: ApprovalAnswer = { type: "deny" };

/** At most so many, deny among them; deny alone where nothing may be allowed. */
export function buttonsOf(question: ShownQuestion, texts: Texts, most: number, mayAllow: boolean): Button[] {
  const offered = presets.filter(({ type }) => mayAllow && question.offers.includes(type)).slice(0, most - 1);
  const server = question.lines.find(({ label }) => label === "server")?.text.slice(0, 32) ?? "";
  return [...offered, deny].map((answer) => {
    const minutes = "minutes" in answer ? answer.minutes : null;
    const label = fill(texts[`answer_${answer.type}`], { minutes: minutes ?? "", server });
    return { key: minutes === null ? answer.type : `${answer.type} ${minutes}`, label, answer };
  });
}
