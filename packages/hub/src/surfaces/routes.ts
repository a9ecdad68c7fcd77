/** Every route that is not on the hot path, in one list: who may ask, and what is answered. */
import type { AuditSink } from "@paddock/audit";
import {
  inputSchemaOf,
  outputSchemaOf,
  PaddockError,
  type Principal,
  runId,
  type Tool,
  type ToolsetName,
} from "@paddock/contract";
import type { Context } from "hono";
import type { Access } from "../access/access.ts";
import type { Machine } from "../machines/machine.ts";
import type { OpenRuns } from "../runs/calls.ts";
import { actionsDocument } from "./actions/document.ts";
import type { Meter } from "./metrics.ts";
import { page, pagePolicy } from "./page.ts";
import { statusOf } from "./rest/call.ts";
import { openapiDocument } from "./rest/openapi.ts";

export interface RouteParts {
  runs: OpenRuns;
  machine: Machine;
  access: Access;
  audit: AuditSink;
  meter: Meter;
  version: string;
  /** The address that clients use. */
  url: string;
  /** Open event streams of MCP clients. */
  streams(): number;
}

interface RouteShape {
  method: "GET" | "POST";
  path: string;
}
export type Route =
  | (RouteShape & { open: true; answer(context: Context): Response | Promise<Response> })
  | (RouteShape & { open: false; answer(context: Context, principal: Principal): Response | Promise<Response> });

export const routes = (parts: RouteParts): readonly Route[] => [
  { method: "GET", path: "/", open: true, answer: (context) => frontPage(context, parts) },
  { method: "GET", path: "/healthz", open: true, answer: (context) => context.json(health(parts)) },
  { method: "GET", path: "/readyz", open: true, answer: (context) => readiness(context, parts) },
  { method: "GET", path: "/api/openapi.json", open: true, answer: jsonOnce(() => openapi(parts)) },
  { method: "GET", path: "/api/actions.json", open: true, answer: jsonOnce(() => actions(parts)) },
  { method: "GET", path: "/metrics", open: false, answer: (context) => context.text(metrics(parts)) },
  {
    method: "GET",
    path: "/api/v1/tools",
    open: false,
    answer: (context, principal) => toolList(context, principal, parts),
  },
  {
    method: "GET",
    path: "/api/v1/runs/:id",
    open: false,
    answer: (context, principal) => runAnswer(context, principal, parts),
  },
  {
    method: "POST",
    path: "/api/v1/runs/:id/cancel",
    open: false,
    answer: (context, principal) => cancelRun(context, principal, parts),
  },
];

function frontPage(context: Context, { url, version }: RouteParts): Response {
  return context.body(page(url, version), 200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": pagePolicy,
  });
}

const health = ({ version, runs, machine, streams }: RouteParts) => ({
  status: "ok",
  name: "paddock",
  version,
  uptimeSeconds: Math.floor(process.uptime()),
  openRuns: runs.open,
  openStreams: streams(),
  machinesOnline: machine.online ? 1 : 0,
});

function readiness(context: Context, { machine }: RouteParts): Response {
  return machine.online ? context.json({ status: "ready" }) : context.json({ status: "waiting for the machine" }, 503);
}

const metrics = ({ meter, runs, machine, access, streams }: RouteParts): string =>
  meter.text({
    runs_open: runs.open,
    machines_online: machine.online ? 1 : 0,
    mcp_streams_open: streams(),
    failed_credentials: access.failures,
    uptime_seconds: Math.floor(process.uptime()),
    resident_memory_bytes: process.memoryUsage.rss(),
  });

/** The document shows what a token for everything may call; which of it a given token may is in the list of tools. */
function openapi({ access, version, url }: RouteParts) {
  return openapiDocument({ tools: access.toolsFor(anybody("full"), { bridged: true, machines: 2 }), version, url });
}

function actions({ access, version, url }: RouteParts) {
  const tools = access.toolsFor(anybody("core"), { bridged: false, machines: 1 });
  return actionsDocument({ tools, version, url });
}

/** Making the document takes longer than many calls, and anybody may ask for it. */
function jsonOnce(make: () => object): (context: Context) => Response {
  let text: string | null = null;
  return (context) => {
    text ??= JSON.stringify(make());
    return context.body(text, 200, { "content-type": "application/json" });
  };
}

const anybody = (toolset: ToolsetName): Principal => ({
  id: "anybody",
  name: "",
  surface: "rest",
  toolset,
  workspaces: [],
});

function toolList(context: Context, principal: Principal, { access, machine }: RouteParts): Response {
  const tools = access.toolsFor(principal, { bridged: machine.about?.bridged ?? false, machines: 1 });
  return context.json({ tools: tools.map(shown) });
}

const entries = new WeakMap<Tool, object>();

function shown(tool: Tool): object {
  const known = entries.get(tool) ?? entryOf(tool);
  entries.set(tool, known);
  return known;
}

const entryOf = (tool: Tool) => ({
  name: tool.name,
  title: tool.title,
  summary: tool.summary,
  effect: tool.effect,
  inputSchema: inputSchemaOf(tool),
  outputSchema: outputSchemaOf(tool),
});

const longestWaitSeconds = 30;

async function runAnswer(context: Context, principal: Principal, { runs, audit }: RouteParts): Promise<Response> {
  const wait = Number(context.req.query("wait") ?? 0);
  if (!(wait >= 0 && wait <= longestWaitSeconds)) {
    throw new PaddockError("invalid_input", `wait: a number of seconds from 0 to ${longestWaitSeconds}.`);
  }
  const run = idOf(context);
  const answer = await runs.get(principal, run, wait, context.req.raw.signal);
  const { id, surface } = principal;
  audit.write({ event: "call.finished", run, principal: id, surface, tool: "get_run", state: answer.state });
  const headers = { "content-type": "application/json", ...(answer.run ? { "paddock-run": answer.run } : {}) };
  return new Response(new Uint8Array(answer.envelope), { status: statusOf(answer), headers });
}

async function cancelRun(context: Context, principal: Principal, { runs }: RouteParts): Promise<Response> {
  const id = idOf(context);
  await runs.cancel(principal, id);
  return context.json({ run: id, cancelling: true }, 202);
}

function idOf(context: Context) {
  const id = runId.safeParse(context.req.param("id"));
  if (!id.success) throw new PaddockError("run_not_found", "That is not a run's id.");
  return id.data;
}
