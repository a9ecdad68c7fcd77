/** A POST to `/mcp`: one JSON-RPC message, rarely a batch. */
import type { IncomingMessage } from "node:http";
import { hasTooManyValues } from "../json-values.ts";
import type { Calls } from "./calls.ts";
import type { Exchange, Extension } from "./extension.ts";
import { type Era, eraOf, errorAnswer, errorCodes, isMessage, isRequest, type Message } from "./message.ts";
import { writeJson } from "./reply.ts";
import type { SdkPath } from "./sdk.ts";

const maxBatch = 32;

export interface PostDeps {
  calls: Calls;
  sdk: SdkPath;
  extension: Extension | undefined;
}

type Received = Omit<Exchange, "era" | "message">;

export async function answerPost(deps: PostDeps, received: Received, body: Buffer): Promise<void> {
  const json = hasTooManyValues(body) ? tooMany : parse(body);
  const problem = problemOf(json);
  if (problem) return writeJson(received.response, [errorAnswer(null, problem.code, problem.message)], {}, 400);
  const message = isMessage(json) ? json : null;
  const era = message !== null && isJson(received.request) ? eraOf(message, received.request.headers) : "other";
  if (message && deps.extension && (await deps.extension.handle({ ...received, message, era }))) return;
  if (message && era !== "other" && (await answered(deps.calls, { ...received, message, era }))) return;
  const { principal, workspace } = received;
  await deps.sdk.handle(received.request, received.response, json, { principal, workspace, ...unwatched });
}

/** The SDK ends its own waits. */
const unwatched = { signal: new AbortController().signal, onRun: () => {} };

async function answered(calls: Calls, exchange: Exchange & { message: Message; era: Era }): Promise<boolean> {
  const { message, response, era } = exchange;
  if (!isRequest(message)) {
    // A notification, or an answer to a question that the hub never asks.
    if (message.method === "notifications/cancelled")
      calls.cancel(exchange.principal, exchange.session, message.params?.requestId);
    response.writeHead(202).end();
    return true;
  }
  if (era === "legacy" && message.method === "initialize") response.setHeader("mcp-session-id", exchange.newSession());
  return await calls.answer({ ...exchange, message });
}

/** Undefined for what is not JSON, which no JSON is. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** In the place of a message. */
const tooMany = Symbol("too many values");

function problemOf(json: unknown): { code: number; message: string } | null {
  if (json === tooMany) {
    return { code: errorCodes.invalidRequest, message: "The body holds more values than any request needs." };
  }
  if (json === undefined) return { code: errorCodes.parse, message: "Parse error: the body is not valid JSON." };
  if (Array.isArray(json) && json.length > maxBatch) {
    return { code: errorCodes.invalidRequest, message: `A batch can have at most ${maxBatch} messages.` };
  }
  return null;
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  headers["content-type"]?.toLowerCase().startsWith("application/json") ?? false;
