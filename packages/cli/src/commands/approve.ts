/** Lists what waits for the owner, and carries the owner's answer to the runner. */
import { type ApprovalAnswer, PaddockError, type ShownQuestion } from "@paddock/contract";
import { answerWords, texts } from "@paddock/contract/texts";
import { type ContentEntry, contentWords, questionWords, type Waiting, waiting } from "../approvals/waiting.ts";
import { watch } from "../approvals/watch.ts";
import { type CommandContext, countOption, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { printable, type Shown } from "../shown.ts";

const longestMinutes = 24 * 60;

export async function run(context: CommandContext): Promise<Shown | undefined> {
  const { args, options, places } = context;
  const socket = places.runnerControl;
  const hash = textOption(options, "content");
  const [id] = args;
  if (hash !== undefined && id === undefined) return answerContent(socket, hash, options.deny !== true);
  if (hash !== undefined) throw new PaddockError("invalid_input", "Name a question or --content, not both.");
  if (id !== undefined) return answerQuestion(socket, id, context);
  if (options.deny === true || options.for !== undefined) {
    throw new PaddockError("invalid_input", "Which question?", "`paddock approve` lists them with their ids.");
  }
  if (options.watch === true) return watchUntilInterrupted(socket, options.json === true);
  return shownWaiting(await waiting(socket));
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

async function answerQuestion(socket: string, id: string, { options }: CommandContext): Promise<Shown> {
  const path = `/approvals/${encodeURIComponent(id)}`;
  const answer = answerOf(options);
  const question = await control<ShownQuestion>({ socket, method: "POST", path, body: { answer } });
  const [what] = question.lines;
  return { json: question, text: `${answerWords(answer, texts.en)}: ${printable(what?.text ?? id)}` };
}

function answerOf(options: CommandContext["options"]): ApprovalAnswer {
  const minutes = countOption(options, "for", { min: 1, max: longestMinutes });
  if (options.deny === true && minutes !== undefined) {
    throw new PaddockError("invalid_input", "A no needs no --for.", "Say --deny, or --for MINUTES.");
  }
  if (options.deny === true) return { type: "deny" };
  return minutes === undefined ? { type: "allow_once" } : { type: "allow_minutes", minutes };
}

async function watchUntilInterrupted(socket: string, asJson: boolean): Promise<undefined> {
  const ended = new AbortController();
  process.once("SIGINT", () => ended.abort());
  await watch(socket, asJson, ended.signal);
  return undefined;
}

function shownWaiting({ questions, content }: Waiting): Shown {
  const parts = [...questions.map(questionWords), ...content.map(contentWords)];
  return { json: { questions, content }, text: parts.length === 0 ? "Nothing waits for you." : parts.join("\n\n") };
}
