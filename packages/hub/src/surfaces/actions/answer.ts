/**
 * Tool calls of a Custom GPT. ChatGPT gives up after 45 seconds and takes fewer than 100,000 characters, so a call that lasts
 * comes back as its run, and a long answer in parts; an answer is kept for both. Whatever the tool says is a 200: other statuses
 * are ChatGPT's own business, and make it stop asking.
 */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { includesTool, isTerminal, PaddockError, type Principal, runId } from "@paddock/contract";
import { findTool } from "@paddock/contract/tools";
import { jsonBytes } from "../../runs/answers.ts";
import type { Answer, Runs } from "../../runs/runs.ts";

/** Fewer than ChatGPT waits, and more than a part of an answer takes to come. */
const budgetSeconds = 35;
const waitSeconds = 30;
/** ChatGPT takes fewer than 100,000, with what stands around them. */
const maxCharacters = 95_000;

export interface ActionParts {
  runs: Runs;
  principal: Principal;
}

export async function answerAction(
  response: ServerResponse,
  tool: string,
  input: unknown,
  { runs, principal }: ActionParts,
): Promise<void> {
  if (!isAction(tool)) {
    throw new PaddockError("unknown_tool", `There is no action ${JSON.stringify(tool.slice(0, 64))}.`);
  }
  const signal = goneSignal(response);
  // With a key of its own the answer of a call that only reads is kept too.
  const call = { principal, tool, input, signal, idempotencyKey: randomUUID(), budgetSeconds };
  send(response, await runs.call(call), 0);
}

/** GET: the rest of an earlier answer. */
export async function answerRest(
  response: ServerResponse,
  id: string,
  query: string,
  { runs, principal }: ActionParts,
): Promise<void> {
  const run = runId.safeParse(id);
  if (!run.success) throw new PaddockError("run_not_found", "That is not a run's id.");
  const offset = Number(new URLSearchParams(query).get("offset") ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new PaddockError("invalid_input", "offset: a whole number, 0 or more.");
  }
  send(response, await runs.get(principal, run.data, waitSeconds, goneSignal(response)), offset);
}

function isAction(name: string): boolean {
  const tool = findTool(name);
  return tool !== undefined && includesTool("core", tool);
}

function send(response: ServerResponse, answer: Answer, offset: number): void {
  const body = fitting(answer, offset);
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

/** The answer as it is where it fits, else the part of its JSON that begins at `offset`. */
export function fitting({ run, state, envelope }: Answer, offset: number): Buffer {
  if (offset === 0 && envelope.length <= maxCharacters) return envelope;
  const text = isTerminal(state) ? envelope.toString("utf8") : "";
  if (offset > 0 && offset >= text.length) {
    throw new PaddockError("invalid_input", `The answer has ${text.length} characters; there is nothing at ${offset}.`);
  }
  const part = partOf(text, offset);
  const end = offset + part.length;
  const next_offset = end < text.length ? end : null;
  const summary = `Characters ${offset} to ${end} of an answer of ${text.length}.`;
  return jsonBytes({ ok: true, summary, data: { run_id: run, offset, next_offset, part } });
}

/** As long a part as fits once it stands in JSON again, with no character cut in two. */
function partOf(text: string, offset: number): string {
  let length = maxCharacters;
  for (;;) {
    const end = endOf(text, offset + length);
    const part = text.slice(offset, end);
    const excess = JSON.stringify(part).length - maxCharacters;
    if (excess <= 0) return part;
    length -= Math.max(excess, 1);
    if (length < maxCharacters / 8) length = Math.floor(maxCharacters / 8);
  }
}

/** One before a character that takes two units and would be cut. */
function endOf(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return end < text.length && last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}

/** Ends the wait, not the run. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => response.writableFinished || gone.abort());
  return gone.signal;
}
