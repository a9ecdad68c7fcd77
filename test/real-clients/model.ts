/**
 * The far side of a coding agent: a model server that follows a script. It speaks as much of OpenAI's Responses and of
 * Anthropic's Messages as Codex and Claude Code need for a turn. The model calls one tool of Paddock, and says what it read.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface ToolCall {
  name: string;
  input: Record<string, unknown>;
}

export interface Model extends AsyncDisposable {
  readonly url: string;
  /** Tools of Paddock that the client showed the model, as it names them. */
  readonly offered: ReadonlySet<string>;
  /** What the client said that the tool had answered. */
  readonly results: readonly string[];
}

interface Turn {
  call: ToolCall;
  offered: Set<string>;
  results: string[];
}

export async function startModel(call: ToolCall): Promise<Model> {
  const turn: Turn = { call, offered: new Set(), results: [] };
  const server = createServer((request, response) => void answer(request, response, turn));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    offered: turn.offered,
    results: turn.results,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, turn: Turn): Promise<void> {
  const path = request.url?.split("?", 1)[0] ?? "";
  const body = request.method === "POST" ? JSON.parse(await text(request)) : {};
  const asJson = (value: object) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
  if (path.endsWith("/responses")) return stream(response, responseEvents(body, turn));
  if (path.endsWith("/messages/count_tokens")) return void asJson({ input_tokens: 100 });
  if (path.endsWith("/messages")) {
    const content = messageContent(body, turn);
    if (body.stream) return stream(response, messageEvents(content));
    return void asJson({ ...emptyMessage, content: [content], stop_reason: stopReason(content) });
  }
  asJson({ object: "list", data: [{ id: "scripted", object: "model" }], models: [] });
}

type Event = { type: string } & Record<string, unknown>;

function stream(response: ServerResponse, events: readonly Event[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

/** How the client names the tool, and the result it has for the model. */
interface Shown {
  tool: { name: string; namespace?: string } | undefined;
  result: string | undefined;
}

function noted({ tool, result }: Shown, turn: Turn): Shown {
  if (tool) turn.offered.add((tool.namespace ?? "") + tool.name);
  if (result !== undefined) turn.results.push(result);
  return { tool, result };
}

const saidOf = (result: string | undefined): string => (result === undefined ? "Nothing to do." : `I read: ${result}`);

// OpenAI's Responses

interface ResponsesTool {
  type: string;
  name: string;
  tools?: ResponsesTool[];
}

function responseEvents(
  body: { tools?: ResponsesTool[]; input?: { type: string; output?: unknown }[] },
  turn: Turn,
): Event[] {
  const shown = noted({ tool: responsesTool(body.tools ?? [], turn.call.name), result: outputIn(body.input) }, turn);
  const item =
    shown.tool && shown.result === undefined
      ? {
          type: "function_call",
          id: "fc_1",
          call_id: "call_1",
          arguments: JSON.stringify(turn.call.input),
          ...shown.tool,
        }
      : {
          type: "message",
          id: "msg_1",
          role: "assistant",
          content: [{ type: "output_text", text: saidOf(shown.result), annotations: [] }],
        };
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 20,
  };
  const events: Event[] = [
    { type: "response.created", response: { id: "resp_1", object: "response", status: "in_progress", output: [] } },
    { type: "response.output_item.added", output_index: 0, item },
    { type: "response.output_item.done", output_index: 0, item },
    {
      type: "response.completed",
      response: { id: "resp_1", object: "response", status: "completed", output: [item], usage },
    },
  ];
  return events.map((event, sequence_number) => ({ ...event, sequence_number }));
}

/** A tool of a server stands in a namespace, or has the server in its name. */
function responsesTool(tools: readonly ResponsesTool[], name: string): Shown["tool"] {
  for (const tool of tools) {
    if (tool.type === "namespace" && tool.name.includes("paddock") && tool.tools?.some((one) => one.name === name))
      return { name, namespace: tool.name };
    if (tool.type === "function" && tool.name.includes("paddock") && tool.name.endsWith(name))
      return { name: tool.name };
  }
  return undefined;
}

function outputIn(input: { type: string; output?: unknown }[] = []): string | undefined {
  const output = input.findLast(({ type }) => type === "function_call_output")?.output;
  return output === undefined ? undefined : typeof output === "string" ? output : JSON.stringify(output);
}

// Anthropic's Messages

type Content = { type: "text"; text: string } | { type: "tool_use"; id: string; name: string; input: object };

const emptyMessage = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "scripted",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 10 },
};

const stopReason = ({ type }: Content): string => (type === "tool_use" ? "tool_use" : "end_turn");

interface MessagesBody {
  stream?: boolean;
  tools?: { name: string }[];
  messages?: { content: string | { type: string; content?: unknown }[] }[];
}

function messageContent({ tools = [], messages = [] }: MessagesBody, turn: Turn): Content {
  const found = tools.find(({ name }) => name === `mcp__paddock__${turn.call.name}`);
  const blocks = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  const block = blocks.findLast(({ type }) => type === "tool_result");
  const result = block === undefined ? undefined : JSON.stringify(block.content);
  const shown = noted({ tool: found && { name: found.name }, result }, turn);
  return shown.tool && shown.result === undefined
    ? { type: "tool_use", id: "toolu_1", name: shown.tool.name, input: turn.call.input }
    : { type: "text", text: saidOf(shown.result) };
}

function messageEvents(content: Content): Event[] {
  const [start, delta] =
    content.type === "tool_use"
      ? [
          { ...content, input: {} },
          { type: "input_json_delta", partial_json: JSON.stringify(content.input) },
        ]
      : [
          { type: "text", text: "" },
          { type: "text_delta", text: content.text },
        ];
  return [
    { type: "message_start", message: emptyMessage },
    { type: "content_block_start", index: 0, content_block: start },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: stopReason(content), stop_sequence: null },
      usage: { output_tokens: 10 },
    },
    { type: "message_stop" },
  ];
}
