/** A person's request for a page, and what all pages do with it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, PaddockError } from "@paddock/contract";
import type { Language } from "@paddock/contract/texts";
import { RateLimited } from "../access/failed-credentials.ts";
import { escaped, html, pagePolicy, sendPage } from "../surfaces/html.ts";
import { accountTexts } from "./texts.ts";

export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  language: Language;
}

export function redirect({ response }: Visit, to: string, cookies: readonly string[] = []): void {
  response.writeHead(303, { location: to, "set-cookie": [...cookies] });
  response.end();
}

/** Tells a person what went wrong; a fault of Paddock's own flies on. */
export function sendRefusal({ response, language }: Visit, error: unknown): void {
  if (!(error instanceof PaddockError)) throw error;
  const title = accountTexts[language].refused;
  const body = `<h1>${escaped(title)}</h1>\n<p>${escaped(error.message)}</p>\n<p class="quiet">${escaped(error.nextStep)}</p>`;
  const wait = error instanceof RateLimited ? { "retry-after": String(error.retryAfterSeconds) } : {};
  sendPage(response, html({ language, title, body }), {
    status: errors[error.code].status,
    policy: pagePolicy(),
    headers: wait,
  });
}
