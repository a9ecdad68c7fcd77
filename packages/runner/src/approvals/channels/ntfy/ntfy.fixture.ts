/**
 * The far side of ntfy: a server that keeps what is published, tells it to who listens, and lets nobody read a topic without
 * the token; and a phone that presses the buttons of a message as the app does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Published } from "./server.ts";

export interface Stored extends Partial<Published> {
  id: string;
  topic: string;
  message: string;
}

export interface NtfyStandIn extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** All messages of a topic, the latest last. */
  messages(topic: string): Stored[];
  /** Presses a button of the message, as the app does: one request, without the owner's token. */
  press(message: Stored, label: string): Promise<number>;
  /** Publishes any text to a topic, as anybody can who knows the server. */
  say(topic: string, text: string): Promise<void>;
  /** Ends the connections of all who listen. */
  drop(): void;
  /** In the place of all answers, until it is null again. */
  lie: ((response: ServerResponse) => void) | null;
  /** Whether the topics can be read by anybody. */
  isOpen: boolean;
}

export async function startNtfy(): Promise<NtfyStandIn> {
  const token = "tk_0123456789abcdefghijklmnopqr";
  const stored: Stored[] = [];
  const listeners = new Set<{ topic: string; response: ServerResponse }>();
  let count = 0;

  const publish = (message: Omit<Stored, "id">): Stored => {
    count += 1;
    const told = { ...message, id: `m${count}`, time: Math.floor(Date.now() / 1000), event: "message" };
    stored.push(told);
    for (const { topic, response } of listeners) if (topic === told.topic) response.write(`${JSON.stringify(told)}\n`);
    return told;
  };
  const stream = (topic: string, since: string | null, response: ServerResponse) => {
    const time = Math.floor(Date.now() / 1000);
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(`${JSON.stringify({ id: "o", time, event: "open", topic })}\n`);
    const own = stored.filter((one) => one.topic === topic);
    const after = since === null ? own.length : own.findIndex(({ id }) => id === since) + 1;
    for (const one of own.slice(after)) response.write(`${JSON.stringify(one)}\n`);
    const listener = { topic, response };
    listeners.add(listener);
    response.on("close", () => listeners.delete(listener));
  };

  const standIn = {
    token,
    isOpen: false,
    lie: null as NtfyStandIn["lie"],
    messages: (topic: string) => stored.filter((one) => one.topic === topic),
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (standIn.lie) return standIn.lie(response);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://ntfy");
    const [, topic = "", what = ""] = pathname.split("/");
    const body = await textOf(request);
    const end = (status: number, value: object) => response.writeHead(status).end(JSON.stringify(value));
    const status = refusal(request, topic, standIn.isOpen);
    if (status !== null) return end(status, { error: "forbidden" });
    if (what === "auth") return end(200, { success: true });
    if (what === "json") return stream(topic, searchParams.get("since"), response);
    return end(200, publish(topic === "" ? (JSON.parse(body) as Stored) : { topic, message: body }));
  };
  /** Answers may be published by everybody; all else takes the token. */
  const refusal = ({ method, headers }: IncomingMessage, topic: string, isOpen: boolean): number | null => {
    if (headers.authorization === `Bearer ${token}`) return null;
    if (headers.authorization !== undefined) return 401;
    const isAllowed = method === "GET" ? isOpen : topic.endsWith("-answers");
    return isAllowed ? null : 403;
  };

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(standIn, {
    url,
    async press({ actions = [] }: Stored, label: string) {
      const action = actions.find((one) => one.label === label);
      if (!action) throw new Error(`there is no button ${label} but ${actions.map((one) => one.label).join(", ")}`);
      return (await fetch(action.url, { method: action.method, body: action.body })).status;
    },
    async say(topic: string, text: string) {
      await fetch(`${url}/${topic}`, { method: "POST", body: text });
    },
    drop() {
      for (const { response } of listeners) response.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
