/** The one way a question becomes words, whoever shows it. */
import type { ApprovalAnswer, ShownLine, ShownQuestion } from "../approval.ts";
import type { Texts } from "./en.ts";
import { fill } from "./fill.ts";

/** A line of a question in words. What an agent chose stays apart: whoever shows it puts it behind a bar. */
export interface LineWords {
  label: string;
  text: string;
  from: ShownLine["from"];
}

export const lineWords = ({ lines }: Pick<ShownQuestion, "lines">, texts: Texts): LineWords[] =>
  lines.map(({ label, text, from, whole, phrase }) => {
    const size = whole ? ` (${fill(texts.cut_whole, whole)})` : "";
    return { label: texts[`label_${label}`] + size, text: phraseIn(texts, phrase) ?? text, from };
  });

/** Rules of the owner have no phrase in the tables; their own words are shown. */
const phraseIn = (texts: Readonly<Record<string, string>>, phrase: string | undefined): string | undefined =>
  phrase !== undefined && Object.hasOwn(texts, phrase) ? texts[phrase] : undefined;

/** `server` is the bridged server that the question is about. */
export const answerWords = (answer: ApprovalAnswer, texts: Texts, server = ""): string =>
  fill(texts[`answer_${answer.type}`], { minutes: "minutes" in answer ? answer.minutes : 0, server });
