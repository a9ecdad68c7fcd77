/** Lists what waits for the owner, and carries the owner's answer to the runner. */
import { setTimeout as wait } from "node:timers/promises";
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { bold, dim, printable, type Shown } from "../shown.ts";

interface Question {
  id: string;
  tool: string;
  title: string;
  caller: string;
  surface: string;
  workspace: string;
  because: string[];
  wants: {
    command?: string;
    network?: boolean;
    noCage?: boolean;
    reason?: string;
    beyond?: { path: string; access: string }[];
  };
  expiresAt: number;
}

interface ContentEntry {
  kind: string;
  path: string;
  hash: string;
  preview: string;
  /** File with the whole text. */
  copy: string;
}

interface Waiting {
  questions: Question[];
  content: ContentEntry[];
}

export async function run(context: CommandContext): Promise<Shown | undefined> {
  const { args, options, places } = context;
  const socket = places.runnerControl;
  const hash = textOption(options, "content");
  if (hash !== undefined) return answerContent(socket, hash, options.deny !== true);
  const [id] = args;
  if (id !== undefined) return answerQuestion(socket, id, context);
  if (options.watch === true) return watch(socket);
  return shownWaiting(await waiting(socket));
}

async function answerContent(socket: string, hash: string, approve: boolean): Promise<Shown> {
  const entry = await control<ContentEntry>({
    socket,
    method: "POST",
    path: `/content/${encodeURIComponent(hash)}`,
    body: { approve },
  });
  return { json: entry, text: `${approve ? "Approved" : "Not approved"}: ${entry.kind} ${printable(entry.path)}` };
}

async function answerQuestion(socket: string, id: string, { options }: CommandContext): Promise<Shown> {
  const path = `/approvals/${encodeURIComponent(id)}`;
  const question = await control<Question>({ socket, method: "POST", path, body: answerOf(options) });
  return {
    json: question,
    text: `${options.deny === true ? "Denied" : "Allowed"}: ${question.title} for ${printable(question.caller)}`,
  };
}

function answerOf(options: CommandContext["options"]): object {
  if (options.deny === true) return { answer: "deny" };
  const minutes = textOption(options, "for");
  if (minutes === undefined) return { answer: "allow_once" };
  if (!/^\d{1,4}$/.test(minutes)) throw new PaddockError("invalid_input", "--for takes a number of minutes.");
  return { answer: "allow_minutes", minutes: Number(minutes) };
}

async function waiting(socket: string): Promise<Waiting> {
  const [{ questions }, { content }] = await Promise.all([
    control<{ questions: Question[] }>({ socket, path: "/approvals" }),
    control<{ content: { pending: ContentEntry[] } }>({ socket, path: "/content" }),
  ]);
  return { questions, content: content.pending };
}

async function watch(socket: string): Promise<undefined> {
  const seen = new Set<string>();
  process.stdout.write(dim("Waiting for questions; Ctrl-C ends.\n"));
  for (;;) {
    const { questions, content } = await waiting(socket);
    for (const entry of [
      ...questions.map((question) => [question.id, words(question)] as const),
      ...content.map((one) => [one.hash, contentWords(one)] as const),
    ]) {
      if (!seen.has(entry[0])) process.stdout.write(`${entry[1]}\n\n`);
      seen.add(entry[0]);
    }
    await wait(500);
  }
}

function shownWaiting({ questions, content }: Waiting): Shown {
  const parts = [...questions.map(words), ...content.map(contentWords)];
  return { json: { questions, content }, text: parts.length === 0 ? "Nothing waits for you." : parts.join("\n\n") };
}

/** Everything the caller wrote stands behind a bar, so that it cannot pass for the rest. */
function words({ id, title, tool, caller, surface, workspace, because, wants, expiresAt }: Question): string {
  const quoted = (label: string, text: string | undefined) =>
    text === undefined
      ? []
      : [
          `  ${label}`,
          ...printable(text)
            .split("\n")
            .map((line) => `    | ${line}`),
        ];
  return [
    `${bold(id)}  ${title} (${tool})`,
    `  asked by ${printable(caller)} over ${surface}, in ${printable(workspace)}`,
    ...because.map((reason) => `  ${reason}`),
    ...quoted("command", wants.command),
    ...quoted("paths", wants.beyond?.map(({ path, access }) => `${access} ${path}`).join("\n")),
    ...quoted("the caller's reason", wants.reason),
    dim(`  expires in ${Math.max(0, Math.round((expiresAt - Date.now()) / 1000))} s`),
    `  allow:  paddock approve ${id}`,
    `  deny:   paddock approve ${id} --deny`,
  ].join("\n");
}

const contentWords = ({ kind, path, hash, preview, copy }: ContentEntry): string =>
  [
    `${bold(`${kind} ${printable(path)}`)} wants to be used`,
    ...printable(preview)
      .split("\n")
      .map((line) => `    | ${line}`),
    `  read:    ${printable(copy)}`,
    `  approve: paddock approve --content ${hash}`,
  ].join("\n");
