/** A call of the tool that an address stands for, its input put together from path, query and body. */
import type { IncomingMessage } from "node:http";
import { inputSchemaOf, PaddockError, type Principal, type Tool } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import type { Context } from "hono";
import type { Access } from "../../access/access.ts";
import type { Runs } from "../../runs/runs.ts";
import { parseJson, readBody } from "../body.ts";
import { type Address, namesIn } from "./addresses.ts";
import { callRequest, responseOf } from "./call.ts";
import { narrowed, narrowingNames } from "./narrowed.ts";

interface Parts {
  runs: Runs;
  access: Pick<Access, "narrow">;
}

export async function callAt(
  address: Address,
  context: Context,
  principal: Principal,
  { runs, access }: Parts,
): Promise<Response> {
  const request = context.env.incoming as IncomingMessage;
  const { search } = new URL(context.req.url);
  const by = narrowed(access, principal, search.slice(1));
  const tool: Tool = tools[address.tool];
  const given = address.method === "GET" ? fromQuery(tool, search) : await bodyOf(request);
  const input = { ...given, ...fromPath(address, context, given) };
  const call = { runs, principal: by, tool: tool.name, input };
  return responseOf(await runs.call(callRequest(request, call, context.req.raw.signal)));
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  const body = parseJson(await readBody(request));
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw new PaddockError("invalid_input", "The body is a JSON object.");
}

/** Throws invalid_input when a field is named twice, as it could then be two different things. */
function fromPath(address: Address, context: Context, given: object): Record<string, string> {
  const names = namesIn(address);
  const twice = names.find((name) => Object.hasOwn(given, name));
  if (twice !== undefined) throw new PaddockError("invalid_input", `${twice}: the address names it already.`);
  return Object.fromEntries(names.map((name) => [name, context.req.param(name) ?? ""]));
}

/** What a tool does not take stays in, so that it is refused like in any other call. */
function fromQuery(tool: Tool, search: string): object {
  const { properties = {} } = inputSchemaOf(tool) as { properties?: Record<string, { type?: string }> };
  const entries = [...new URLSearchParams(search)].filter(([name]) => !narrowingNames.has(name));
  return Object.fromEntries(entries.map(([name, text]) => [name, typed(text, properties[name]?.type)]));
}

/** A text that is no value of that type is left as it is, for the tool's own words about it. */
function typed(text: string, type: string | undefined): unknown {
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if ((type === "integer" || type === "number") && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}
