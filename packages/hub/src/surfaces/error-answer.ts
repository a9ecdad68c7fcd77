/** How an error looks over HTTP: `{error: {code, message, nextStep, reference?}}` with the status of the errors table. */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type ErrorCode, errors, PaddockError } from "@paddock/contract";
import type { Logger } from "pino";
import { RateLimited } from "../access/failed-credentials.ts";
import { Unauthorized } from "./unauthorized.ts";

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What the caller hears. A bug is logged whole, and the caller gets only the reference to find it by. */
export function errorAnswer(error: unknown, log: Pick<Logger, "error">): ErrorAnswer {
  if (error instanceof PaddockError) return answerOf(error, {});
  const reference = randomBytes(6).toString("hex");
  log.error({ err: error, reference }, "a request failed for a reason that is not its own");
  return answerOf(new PaddockError("internal", "Something went wrong in Paddock."), { reference });
}

function answerOf(error: PaddockError, more: { reference?: string }): ErrorAnswer {
  const { code, message, nextStep } = error;
  return {
    status: errors[code].status,
    headers: { "content-type": "application/json", ...(headersFor[code]?.(error) ?? {}) },
    body: JSON.stringify({ error: { code, message, nextStep, ...more } }),
  };
}

const headersFor: Partial<Record<ErrorCode, (error: PaddockError) => Record<string, string>>> = {
  unauthorized: (error) => ({
    "www-authenticate": error instanceof Unauthorized ? error.challenge : 'Bearer realm="paddock"',
  }),
  rate_limited: (error) => ({ "retry-after": String(error instanceof RateLimited ? error.retryAfterSeconds : 60) }),
};

/** Answers with the error, or drops the connection when an answer has begun already. */
export function sendError(response: ServerResponse, error: unknown, log: Pick<Logger, "error">): void {
  const { status, headers, body } = errorAnswer(error, log);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}
