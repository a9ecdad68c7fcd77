/** Shows questions as they come and go, until it is interrupted; goes on when Paddock is started again. */
import { setTimeout as wait } from "node:timers/promises";
import { whenRunning } from "../control/request.ts";
import { dim, printable } from "../shown.ts";
import { contentWords, questionWords, type Waiting, waiting } from "./waiting.ts";

const betweenLooksMs = 500;

/** `asJson` writes one event a line. Rejects with not_running when nothing runs at the beginning. */
export async function watch(socket: string, asJson: boolean, ended: AbortSignal): Promise<void> {
  const write = (event: object, words: string) => process.stdout.write(`${asJson ? JSON.stringify(event) : words}\n`);
  let open: ReadonlyMap<string, string> = new Map();
  let found: Waiting | null = await waiting(socket);
  if (!asJson) write({}, dim("Waiting for questions. Ctrl-C ends."));
  while (!ended.aborted) {
    const now = new Map(found ? entriesOf(found).map(({ id, title }) => [id, title]) : []);
    for (const entry of found ? entriesOf(found) : []) {
      if (!open.has(entry.id)) write({ type: "asked", ...entry.value }, `\n${entry.words}`);
    }
    for (const [id, title] of open) if (!now.has(id)) write({ type: "over", id }, dim(`over: ${title}`));
    open = now;
    await wait(betweenLooksMs, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    const next = await whenRunning(waiting(socket));
    if (!next && found) write({ type: "stopped" }, dim("Paddock has stopped; waiting for it to come back."));
    found = next;
  }
}

const entriesOf = ({ questions, content }: Waiting) => [
  ...questions.map((question) => ({
    id: question.id,
    value: question,
    title: question.id,
    words: questionWords(question),
  })),
  ...content.map((entry) => ({
    id: entry.hash,
    value: entry,
    title: `${entry.kind} ${printable(entry.path)}`,
    words: contentWords(entry),
  })),
];
