/** Every route that is not on the hot path, in one list: who may ask, and what is answered. */
import type { AuditLog } from "@paddock/audit";
import {
  inputSchemaOf,
  outputSchemaOf,
  type Principal,
  type TokenScope,
  type Tool,
  type ToolsetName,
} from "@paddock/contract";
import type { Context } from "hono";
import type { Access } from "../access/access.ts";
import { toolContext } from "../machines/choice.ts";
import type { Machines } from "../machines/machine.ts";
import { onlineOf } from "../machines/online.ts";
import type { OpenRuns } from "../runs/calls.ts";
import { actionsDocument } from "./actions/document.ts";
import { pagePolicy } from "./html.ts";
import { type Meter, metricsType } from "./metrics.ts";
import { type MomentParts, moment } from "./moment.ts";
import { page } from "./page.ts";
import { callAt } from "./rest/address-call.ts";
import { addresses } from "./rest/addresses.ts";
import { type InfoParts, info } from "./rest/info.ts";
import { openapiDocument } from "./rest/openapi.ts";
import { cancelRun, runAnswer } from "./rest/runs.ts";

export interface RouteParts extends InfoParts, MomentParts {
  runs: OpenRuns;
  machines: Pick<Machines, "list" | "standard">;
  access: Access;
  audit: Pick<AuditLog, "write" | "mustBeWritable" | "writable">;
  meter: Meter;
}

interface RouteShape {
  method: "GET" | "POST";
  path: string;
}
export type Route =
  | (RouteShape & { open: true; answer(context: Context): Response | Promise<Response> })
  | (RouteShape & {
      open: false;
      scope?: TokenScope;
      answer(context: Context, principal: Principal): Response | Promise<Response>;
    });

export const routes = (parts: RouteParts): readonly Route[] => [
  { method: "GET", path: "/", open: true, answer: (context) => frontPage(context, parts) },
  { method: "GET", path: "/healthz", open: true, answer: (context) => context.json(health(parts)) },
  { method: "GET", path: "/readyz", open: true, answer: (context) => readiness(context, parts) },
  { method: "GET", path: "/api/openapi.json", open: true, answer: jsonOnce(() => openapi(parts)) },
  { method: "GET", path: "/api/actions.json", open: true, answer: jsonOnce(() => actions(parts)) },
  { method: "GET", path: "/metrics", open: false, scope: "metrics", answer: (context) => metrics(context, parts) },
  {
    method: "GET",
    path: "/api/v1/tools",
    open: false,
    answer: (context, principal) => toolList(context, principal, parts),
  },
  {
    method: "GET",
    path: "/api/v1/info",
    open: false,
    answer: (context, principal) => context.json(info(principal, parts)),
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
  ...addresses.map(
    (address): Route => ({
      method: address.method,
      path: address.path,
      open: false,
      answer: (context, principal) => callAt(address, context, principal, parts),
    }),
  ),
];

function frontPage(context: Context, { url, version }: RouteParts): Response {
  return context.body(page(url, version), 200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": pagePolicy(),
  });
}

const health = ({ version, runs, machines, streams }: RouteParts) => ({
  status: "ok",
  name: "paddock",
  version,
  uptimeSeconds: Math.floor(process.uptime()),
  openRuns: runs.open,
  openStreams: streams(),
  machinesOnline: onlineOf(machines),
});

function readiness(context: Context, { machines }: RouteParts): Response {
  return onlineOf(machines) > 0
    ? context.json({ status: "ready" })
    : context.json({ status: "waiting for the machine" }, 503);
}

function metrics(context: Context, parts: RouteParts): Response {
  return context.body(parts.meter.text(moment(parts)), 200, { "content-type": metricsType });
}

/** The document shows what a token for everything may call; which of it a given token may is in the list of tools. */
function openapi({ access, version, url }: RouteParts) {
  return openapiDocument({ tools: access.toolsFor(anybody("full"), { bridged: true, machines: 2 }), version, url });
}

function actions({ access, version, url }: RouteParts) {
  const tools = access.toolsFor(anybody("core"), { bridged: true, machines: 2 });
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

function toolList(context: Context, principal: Principal, { access, machines }: RouteParts): Response {
  const tools = access.toolsFor(principal, toolContext(principal, machines));
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
