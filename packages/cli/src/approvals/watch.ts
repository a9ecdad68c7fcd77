/** Shows questions as they come and go, until it is interrupted; goes on when Paddock is started again. */
import { setTimeout as wait } from "node:timers/promises";
import { whenRunning } from "../control/request.ts";
import { dim, printable } from "../shown.ts";
import { type Asked, contentWords, questionWords, type Waiting, waiting } from "./waiting.ts";

const betweenLooksMs = 500;

interface Entry {
  id: string;
  title: string;
  words: string;
  value: object;
}

/** `asJson` writes one event a line. Rejects with not_running when nothing runs at the beginning. */
export async function watch(asked: Asked, asJson: boolean, ended: AbortSignal): Promise<void> {
  const write: Write = (event, words) => process.stdout.write(`${asJson ? JSON.stringify(event) : words}\n`);
  let found: Waiting | null = await waiting(asked);
  let open: readonly Entry[] = [];
  if (!asJson) write({}, dim("Waiting for questions. Ctrl-C ends."));
  while (!ended.aborted) {
    const now = found ? entriesOf(found, asked) : [];
    showChange(open, now, write);
    open = now;
    await wait(betweenLooksMs, undefined, { signal: ended }).catch(() => undefined);
    const next = await whenRunning(waiting(asked));
    if (!next && found) write({ type: "stopped" }, dim("Paddock has stopped; waiting for it to come back."));
    found = next;
  }
}

type Write = (event: object, words: string) => void;

function showChange(before: readonly Entry[], now: readonly Entry[], write: Write): void {
  for (const { value, words } of missingIn(before, now)) write({ type: "asked", ...value }, `\n${words}`);
  for (const { id, title } of missingIn(now, before)) write({ type: "over", id }, dim(`over: ${title}`));
}

const missingIn = (there: readonly Entry[], entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(({ id }) => there.every((other) => other.id !== id));

const entriesOf = ({ questions, content }: Waiting, asked: Asked): Entry[] => [
  ...questions.map((question) => ({
    ...{ id: question.id, title: question.id },
    ...{ value: question, words: questionWords(question, asked) },
  })),
  ...content.map((entry) => ({
    ...{ id: entry.hash, title: `${entry.kind} ${printable(entry.path)}` },
    ...{ value: entry, words: contentWords(entry) },
  })),
];
