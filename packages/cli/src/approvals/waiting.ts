/** What waits for the owner, as the runner tells it, and as a person reads it. */
import type { ShownQuestion } from "@paddock/contract";
import { fill, type Language, type LineWords, lineWords, texts } from "@paddock/contract/texts";
import { control } from "../control/request.ts";
import { bold, dim, printable } from "../shown.ts";
import { seenCode } from "./device-key.ts";

export interface ContentEntry {
  kind: string;
  path: string;
  hash: string;
  preview: string;
  /** File with the whole text. */
  copy: string;
}

export interface Waiting {
  questions: ShownQuestion[];
  content: ContentEntry[];
}

/** Where questions are looked up, and how they are shown. */
export interface Asked {
  socket: string;
  /** The hub's socket knows questions only; content is approved on the machine. */
  throughHub: boolean;
  language: Language;
}

export async function waiting({ socket, throughHub }: Asked): Promise<Waiting> {
  const questions = control<{ questions: ShownQuestion[] }>({ socket, path: "/approvals" });
  if (throughHub) return { ...(await questions), content: [] };
  const content = control<{ content: { pending: ContentEntry[] } }>({ socket, path: "/content" });
  const [asked, found] = await Promise.all([questions, content]);
  return { ...asked, content: found.content.pending };
}

/** Everything the caller chose stands behind a bar, so that it cannot pass for the rest. */
export function questionWords(question: ShownQuestion, { throughHub, language }: Omit<Asked, "socket">): string {
  const { id, assurance, risk, expiresAt, offers, always } = question;
  const words = texts[language];
  const command = `paddock approve ${id}${throughHub ? " --hub" : ""}`;
  const seconds = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
  return [
    `${bold(id)}  ${words.label_risk}: ${words[`risk_${risk}`]}, ${words[`assurance_${assurance}`]}`,
    ...lineWords(question, words).flatMap(shownLine),
    dim(`  ${fill(words.expires_in, { seconds })}`),
    `  allow:  ${command}${assurance === "device" && throughHub ? ` --device FILE --seen ${seenCode(question)}` : ""}`,
    ...(always === undefined ? [] : [`  ${words.standing_rule}:`, ...barred(always), `          ${command} --always`]),
    ...(offers.includes("allow_server") ? [`          ${command} --server --for 15`] : []),
    `  deny:   ${command} --deny`,
  ].join("\n");
}

function shownLine({ label, text, from }: LineWords): string[] {
  if (from === "paddock") return [`  ${label}: ${printable(text)}`];
  return [`  ${label}${sizeOf(text)}`, ...barred(text), ...longEnd(text)];
}

export const contentWords = ({ kind, path, hash, preview, copy }: ContentEntry): string =>
  [
    `${bold(`${kind} ${printable(path)}`)} wants to be used`,
    ...barred(preview),
    `  read all:  ${printable(copy)}`,
    `  approve:   paddock approve --content ${hash}`,
    `  forget:    paddock approve --content ${hash} --deny`,
  ].join("\n");

/** More than fits on a screen: its beginning may be out of sight when its end is read. */
const isLong = (text: string): boolean => text.length > 2_000 || text.split("\n").length > 30;
const sizeOf = (text: string): string =>
  isLong(text) ? `, ${text.split("\n").length} lines, ${text.length} characters` : "";
const longEnd = (text: string): string[] =>
  isLong(text) ? [bold(`  ^ this was long (${text.length} characters): read it from its beginning`)] : [];

const barred = (text: string): string[] =>
  printable(text)
    .split("\n")
    .map((line) => `    | ${line}`);
