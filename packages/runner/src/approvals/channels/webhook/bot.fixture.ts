/** The far side of a webhook: a service of the owner's own that checks what it gets and answers signed, or does not. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApprovalAnswer, ApprovalOutcome, ShownQuestion } from "@paddock/contract";
import { isSigned, keyOf, signedHeaders } from "./signed.ts";

export interface Received {
  type: "question" | "poll" | "over" | "message";
  question?: ShownQuestion;
  approval?: string;
  outcome?: ApprovalOutcome;
  refused?: string;
  title?: string;
  text?: string;
}

export interface Bot extends AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  /** What came with a right signature, each id once. */
  readonly received: Received[];
  /** Answers to a poll: a body to sign, or one with its headers. Nothing yet when null. */
  answer: ((poll: Received) => object | { text: string; headers: Record<string, string> } | null) | null;
  /** In the place of all answers, until it is null again. */
  lie: ((response: ServerResponse) => void) | null;
}

/** What a right answer to the question is. */
export const answerTo = ({ id, binding }: ShownQuestion, answer: ApprovalAnswer) => ({
  ...{ type: "answer", approval: id, binding, answer, by: "ada" },
});

export async function startBot(): Promise<Bot> {
  const secret = `whsec_${Buffer.from("a secret of the owner's own bot").toString("base64")}`;
  const key = keyOf(secret);
  const seen = new Set<string>();
  const bot = {
    secret,
    received: [] as Received[],
    answer: null as Bot["answer"],
    lie: null as Bot["lie"],
  };
  const reply = (poll: Received, response: ServerResponse) => {
    const answer = bot.answer?.(poll) ?? null;
    if (answer === null) return response.writeHead(204).end();
    if ("headers" in answer) {
      const { text, headers } = answer as { text: string; headers: Record<string, string> };
      return response.writeHead(200, headers).end(text);
    }
    const text = JSON.stringify(answer);
    return response.writeHead(200, signedHeaders(key, `answer-${seen.size}`, 1_700_000_000, text)).end(text);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    if (bot.lie) return bot.lie(response);
    if (!isSigned(key, (name) => String(request.headers[name] ?? ""), text)) return response.writeHead(401).end();
    const id = String(request.headers["webhook-id"]);
    const body = JSON.parse(text) as Received;
    if (!seen.has(id)) bot.received.push(body);
    seen.add(id);
    return body.type === "poll" ? reply(body, response) : response.writeHead(200).end("{}");
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(bot, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
