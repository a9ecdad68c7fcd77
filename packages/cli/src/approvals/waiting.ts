/** What waits for the owner, as the runner tells it, and as a person reads it. */
import { control } from "../control/request.ts";
import { bold, dim, printable } from "../shown.ts";

export interface Question {
  id: string;
  tool: string;
  title: string;
  caller: string;
  surface: string;
  workspace: string;
  because: string[];
  wants: {
    command?: string;
    directory?: string;
    reason?: string;
    beyond?: { path: string; access: string }[];
  };
  expiresAt: number;
}

export interface ContentEntry {
  kind: string;
  path: string;
  hash: string;
  preview: string;
  /** File with the whole text. */
  copy: string;
}

export interface Waiting {
  questions: Question[];
  content: ContentEntry[];
}

export async function waiting(socket: string): Promise<Waiting> {
  const [{ questions }, { content }] = await Promise.all([
    control<{ questions: Question[] }>({ socket, path: "/approvals" }),
    control<{ content: { pending: ContentEntry[] } }>({ socket, path: "/content" }),
  ]);
  return { questions, content: content.pending };
}

/** Everything the caller wrote stands behind a bar, so that it cannot pass for the rest. */
export function questionWords(question: Question): string {
  const { id, title, tool, caller, surface, workspace, because, wants, expiresAt } = question;
  return [
    `${bold(id)}  ${title} (${tool})`,
    `  asked by ${printable(caller)} over ${surface}, in ${printable(workspace)}`,
    ...because.map((reason) => `  ${reason}`),
    ...quoted("command", wants.command),
    ...quoted("starting in", wants.directory),
    ...quoted("paths", wants.beyond?.map(({ path, access }) => `${access} ${path}`).join("\n")),
    ...quoted("the caller's reason", wants.reason),
    dim(`  expires in ${Math.max(0, Math.round((expiresAt - Date.now()) / 1000))} s`),
    `  allow:  paddock approve ${id}`,
    `  deny:   paddock approve ${id} --deny`,
  ].join("\n");
}

export const contentWords = ({ kind, path, hash, preview, copy }: ContentEntry): string =>
  [
    `${bold(`${kind} ${printable(path)}`)} wants to be used`,
    ...barred(preview),
    `  read all:  ${printable(copy)}`,
    `  approve:   paddock approve --content ${hash}`,
    `  forget:    paddock approve --content ${hash} --deny`,
  ].join("\n");

const quoted = (label: string, text: string | undefined): string[] =>
  text ? [`  ${label}${sizeOf(text)}`, ...barred(text), ...longEnd(text)] : [];

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
