/**
 * A question as plain text, for places with little room. What an agent wrote stands behind a bar on each of its lines, and
 * lines are broken before a narrow screen would break them, so that no part of it can pass for Paddock's own words.
 */
import { type ApprovalOutcome, maskSecrets, type ShownQuestion } from "@paddock/contract";
import { fill, type LineWords, lineWords, type Texts } from "@paddock/contract/texts";

export interface Words {
  title: string;
  text: string;
  /** Whether everything there is to know stands in `text`: what was not shown whole is not allowed from there. */
  whole: boolean;
}

export interface Room {
  characters: number;
  lines: number;
}

const bar = "│ ";
const width = 40;
const titleCharacters = 80;

/** Within the room; what is left out is counted, and the place to read it all is named. */
export function questionWords(question: ShownQuestion, texts: Texts, room: Room): Words {
  const lines = [...lineWords(question, texts).flatMap(written), ...closing(question, texts)];
  const all = lines.join("\n");
  const kept = within(lines, room);
  const isCut = kept.length < all.length;
  const left = fill(texts.cut, { characters: all.length - kept.length });
  return {
    title: titleOf(question, texts),
    text: isCut ? [kept, left, fill(texts.see_whole, { id: question.id })].join("\n") : all,
    whole: !isCut && question.lines.every(({ whole }) => whole === undefined),
  };
}

/** The question without what looks like a secret, for places off this machine; the same object when there is nothing of the kind. */
export function withoutSecrets(question: ShownQuestion): ShownQuestion {
  const lines = question.lines.map((line) => ({ ...line, text: maskSecrets(line.text) }));
  return lines.every(({ text }, at) => text === question.lines[at]?.text) ? question : { ...question, lines };
}

/** How it ended, for whoever was asked and did not answer. */
export function outcomeWords({ type, channel }: ApprovalOutcome, texts: Texts): string {
  const outcome = texts[`outcome_${type}`];
  return channel === undefined ? outcome : fill(texts.outcome_through, { outcome, channel });
}

/** Text of an agent, every line behind a bar. */
export const barred = (text: string): string[] => brokenLines(text).map((line) => bar + line);

export function titleOf({ lines, machine }: Pick<ShownQuestion, "lines" | "machine">, texts: Texts): string {
  const caller = lines.find(({ label }) => label === "caller")?.text ?? "";
  return fill(texts.question_title, { caller, machine }).replaceAll("\n", " ").slice(0, titleCharacters);
}

function written({ label, text, from }: LineWords): string[] {
  if (from === "agent") return [`${label}:`, ...barred(text)];
  const [first = "", ...rest] = brokenLines(`${label}: ${text}`);
  return [first, ...rest.map((line) => `  ${line}`)];
}

function closing({ risk, expiresAt }: ShownQuestion, texts: Texts): string[] {
  const at = new Date(expiresAt);
  const [hour, minute] = [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, "0"));
  return [`${texts.label_risk}: ${texts[`risk_${risk}`]}`, `${texts.label_expires}: ${hour}:${minute}`];
}

/** Whole lines from the beginning, as many as there is room for; the first is cut when even that is too long. */
function within(lines: readonly string[], room: Room): string {
  let kept = (lines[0] ?? "").slice(0, room.characters);
  for (const line of lines.slice(1, room.lines)) {
    if (kept.length + 1 + line.length > room.characters) break;
    kept += `\n${line}`;
  }
  return kept;
}

const brokenLines = (text: string): string[] => text.split("\n").flatMap(broken);

function broken(line: string): string[] {
  const characters = [...line];
  const parts: string[] = [];
  for (let at = 0; at < characters.length || at === 0; at += width) {
    parts.push(characters.slice(at, at + width).join(""));
  }
  return parts;
}
