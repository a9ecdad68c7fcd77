/** Lists what waits for the owner, and carries the owner's answer to the runner: on the machine, or through the hub. */
import { PaddockError, type ShownQuestion } from "@paddock/contract";
import { answerWords, texts } from "@paddock/contract/texts";
import { answerOf } from "../approvals/answer-options.ts";
import { readDeviceKey, seenCode, signAnswer } from "../approvals/device-key.ts";
import { languageFor } from "../approvals/language.ts";
import {
  type Asked,
  type ContentEntry,
  contentWords,
  questionWords,
  type Waiting,
  waiting,
} from "../approvals/waiting.ts";
import { watch } from "../approvals/watch.ts";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

export async function run(context: CommandContext): Promise<Shown | undefined> {
  const { args, options, places } = context;
  const throughHub = options.hub === true;
  const socket = throughHub ? places.hubControl : places.runnerControl;
  const hash = textOption(options, "content");
  const [id] = args;
  if (hash !== undefined && (id !== undefined || throughHub)) {
    throw new PaddockError("invalid_input", "--content goes without a question and without --hub.");
  }
  if (hash !== undefined) return answerContent(socket, hash, options.deny !== true);
  if (id !== undefined) return answerQuestion(socket, id, context);
  if (["deny", "for", "always", "server", "reason"].some((name) => options[name] !== undefined)) {
    throw new PaddockError("invalid_input", "Which question?", "`paddock approve` lists them with their ids.");
  }
  const asked = { socket, throughHub, language: languageFor(context) };
  if (options.watch === true) return watchUntilInterrupted(asked, options.json === true);
  return shownWaiting(await waiting(asked), asked);
}

async function answerContent(socket: string, hash: string, approve: boolean): Promise<Shown> {
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new PaddockError(
      "invalid_input",
      "--content takes the 64 digits of a hash.",
      "`paddock approve` lists them.",
    );
  }
  const entry = await control<ContentEntry>({ socket, method: "POST", path: `/content/${hash}`, body: { approve } });
  return { json: entry, text: `${approve ? "Approved" : "Not approved"}: ${entry.kind} ${printable(entry.path)}` };
}

async function answerQuestion(socket: string, id: string, context: CommandContext): Promise<Shown> {
  const { options } = context;
  const answer = answerOf(options);
  const keyFile = textOption(options, "device");
  const signature =
    keyFile === undefined
      ? {}
      : { signature: signAnswer(readDeviceKey(keyFile), await seenQuestion(socket, id, options), answer) };
  const path = `/approvals/${encodeURIComponent(id)}`;
  const body = { answer, ...signature };
  const question = await control<ShownQuestion>({ socket, method: "POST", path, body });
  const [what] = question.lines;
  return {
    json: question,
    text: `${answerWords(answer, texts[languageFor(context)])}: ${printable(what?.text ?? id)}`,
  };
}

/** A device signs what its owner has seen, whatever is shown by now. */
async function seenQuestion(socket: string, id: string, options: CommandContext["options"]): Promise<ShownQuestion> {
  const { questions } = await control<{ questions: ShownQuestion[] }>({ socket, path: "/approvals" });
  const question = questions.find((one) => one.id === id);
  if (!question) throw new PaddockError("not_found", "No such question waits.", "`paddock approve` lists them.");
  if (textOption(options, "seen") === seenCode(question)) return question;
  throw new PaddockError(
    "invalid_input",
    "A device signs what you have seen: --seen takes the code that stands under the question.",
    "Read the question with `paddock approve`, and give the code that it shows.",
  );
}

async function watchUntilInterrupted(asked: Asked, asJson: boolean): Promise<undefined> {
  const ended = new AbortController();
  process.once("SIGINT", () => ended.abort());
  await watch(asked, asJson, ended.signal);
  return undefined;
}

function shownWaiting({ questions, content }: Waiting, asked: Asked): Shown {
  const parts = [...questions.map((question) => questionWords(question, asked)), ...content.map(contentWords)];
  return { json: { questions, content }, text: parts.length === 0 ? "Nothing waits for you." : parts.join("\n\n") };
}
