/** A tool call over plain HTTP: the body is the tool's input, the answer its envelope, byte for byte as it was made. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ErrorCode, errors, isTerminal, type Principal } from "@paddock/contract";
import type { Answer, CallRequest, Runs } from "../../runs/runs.ts";

export interface CallParts {
  runs: Runs;
  principal: Principal;
  tool: string;
  input: unknown;
}

/** Answers one call. A client that goes away ends the wait, not the run. */
export async function answerCall(request: IncomingMessage, response: ServerResponse, parts: CallParts): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => response.writableFinished || gone.abort());
  const answer = await parts.runs.call(callRequest(request, parts, gone.signal));
  response.writeHead(statusOf(answer), headersOf(answer)).end(answer.envelope);
}

export function callRequest(
  request: IncomingMessage,
  { principal, tool, input }: CallParts,
  signal: AbortSignal,
): CallRequest {
  const key = request.headers["idempotency-key"];
  return { principal, tool, input, signal, ...(typeof key === "string" ? { idempotencyKey: key } : {}) };
}

/** The same for a surface that answers with a Response. */
export const responseOf = (answer: Answer): Response =>
  new Response(new Uint8Array(answer.envelope), { status: statusOf(answer), headers: headersOf(answer) });

/** Where a run goes on, they say where it is found. */
const headersOf = ({ run, state, envelope }: Answer): Record<string, string> => ({
  "content-type": "application/json",
  "content-length": String(envelope.length),
  ...(run ? { "paddock-run": run, ...(isTerminal(state) ? {} : { location: `/api/v1/runs/${run}` }) } : {}),
});

/** Says how it went: 202 while the run goes on. */
function statusOf({ ok, state, envelope }: Answer): number {
  if (!isTerminal(state)) return 202;
  return ok ? 200 : statusOfFailure(envelope);
}

/** Failures are short and rare, so that looking into one costs nothing that matters. */
function statusOfFailure(envelope: Buffer): number {
  const { data } = JSON.parse(envelope.toString("utf8")) as { data?: { code?: unknown } };
  const code = data?.code;
  return typeof code === "string" && Object.hasOwn(errors, code) ? errors[code as ErrorCode].status : 500;
}
