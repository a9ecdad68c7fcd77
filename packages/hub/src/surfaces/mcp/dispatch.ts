/**
 * Answers JSON-RPC requests of both eras, whatever carried them. The methods that clients use all day are here and cost no
 * server object; what is not here is another handler's.
 */
import type { Principal, RunId, Tool } from "@paddock/contract";
import { findTool } from "@paddock/contract/tools";
import { standardFor, usableBy } from "../../machines/choice.ts";
import type { Machine, ShownMachines } from "../../machines/machine.ts";
import type { Answer, Runs } from "../../runs/runs.ts";
import {
  type Era,
  errorAnswer,
  errorCodes,
  legacyVersions,
  metaKeys,
  modernVersion,
  type Params,
  type Request,
} from "./message.ts";
import { toolAnswer } from "./tool-answer.ts";
import { type ToolLists, toolLists } from "./tool-list.ts";

export interface Caller {
  principal: Principal;
  workspace?: string | undefined;
  /** Ends the wait, never the run. */
  signal: AbortSignal;
  onRun(run: RunId): void;
}

/** Bytes that together are one JSON-RPC answer. */
export type Parts = readonly Buffer[];

export interface DispatchDeps {
  runs: Runs;
  machines: ShownMachines;
  toolsFor(principal: Principal): readonly Tool[];
  version: string;
  /** Further entries of tools/list. */
  moreTools?: readonly object[] | undefined;
}

export interface Dispatch {
  /** Null when the method is not one of these. */
  answer(request: Request, era: Era, caller: Caller): Parts | Promise<Parts> | null;
}

type Method = (request: Request, caller: Caller) => Parts | Promise<Parts>;

export const capabilities = { tools: { listChanged: true } };
export const serverInfo = (version: string) => ({ name: "paddock", title: "Paddock", version });
const offline =
  "Paddock works on the owner's machine, which is not connected just now. Calls answer machine_offline until it is.";

/** What models are told at the beginning: how to work here, and which machines there are to work on. */
export function instructionsOf(machines: ShownMachines, principal: Principal): string {
  const standard = standardFor(principal, machines);
  if (!standard?.about) return offline;
  const several = usableBy(principal, machines);
  const about = instructionsAt(standard.about, principal);
  return several.length > 1 ? `${choosing(several)} What follows is about ${standard.name}.\n\n${about}` : about;
}

/** What stands in the default workspace is told to those only who work there. */
function instructionsAt(about: NonNullable<Machine["about"]>, { workspaces: [own] }: Principal): string {
  if (own === undefined || own === about.workspace) return about.instructions;
  return [about.general, `Workspace: ${own}`].filter(Boolean).join("\n\n");
}

const choosing = (machines: readonly Machine[]): string => {
  const names = machines.slice(0, namesTold).map(({ name }) => name);
  const more = machines.length > namesTold ? " and others, which list_machines names" : "";
  return `There are several machines: ${names.join(", ")}${more}. Name the one that is meant as \`machine\` in each call.`;
};
const namesTold = 20;

const listTtlMs = 60_000;

export function dispatch(deps: DispatchDeps): Dispatch {
  const listOf = toolLists(deps.moreTools);
  const methods: Record<Era, ReadonlyMap<string, Method>> = {
    legacy: legacyMethods(deps, listOf),
    modern: modernMethods(deps, listOf),
  };
  return { answer: (request, era, caller) => methods[era].get(request.method)?.(request, caller) ?? null };
}

function legacyMethods(
  { runs, machines, toolsFor, version }: DispatchDeps,
  listOf: ToolLists,
): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ["tools/call", toolCall(runs, "}}")],
    [
      "tools/list",
      (request, { principal }) => [
        head(request),
        tools,
        listOf(toolsFor(principal), standardFor(principal, machines)?.about?.bridgedTools),
        legacyTail,
      ],
    ],
    ["ping", (request) => result(request, {})],
    [
      "initialize",
      (request, { principal }) =>
        result(request, {
          protocolVersion: negotiated(request.params),
          capabilities,
          serverInfo: serverInfo(version),
          instructions: instructionsOf(machines, principal),
        }),
    ],
  ]);
}

function modernMethods(
  { runs, machines, toolsFor, version }: DispatchDeps,
  listOf: ToolLists,
): ReadonlyMap<string, Method> {
  const complete = { resultType: "complete", _meta: { [metaKeys.server]: serverInfo(version) } };
  const listTail = tailOf({ ttlMs: listTtlMs, cacheScope: "private", ...complete });
  return new Map<string, Method>([
    ["tools/call", toolCall(runs, tailOf(complete))],
    [
      "tools/list",
      (request, { principal }) => [
        head(request),
        tools,
        listOf(toolsFor(principal), standardFor(principal, machines)?.about?.bridgedTools),
        Buffer.from(listTail),
      ],
    ],
    [
      "server/discover",
      (request, { principal }) =>
        result(request, {
          supportedVersions: [modernVersion],
          capabilities,
          instructions: instructionsOf(machines, principal),
          ttlMs: 0,
          cacheScope: "private",
          ...complete,
        }),
    ],
  ]);
}

const tools = Buffer.from('"tools":');
const legacyTail = Buffer.from("}}");
/** The end of a result that has fields before these. */
const tailOf = (fields: object): string => `,${JSON.stringify(fields).slice(1)}}`;
const head = (request: Request): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(request.id)},"result":{`);
const result = ({ id }: Request, value: object): Parts => [
  Buffer.from(JSON.stringify({ jsonrpc: "2.0", id, result: value })),
];

function toolCall(runs: Runs, tail: string): Method {
  return async (request, caller) => {
    const name = request.params?.name;
    if (typeof name !== "string") {
      return [errorAnswer(request.id, errorCodes.invalidParams, "Invalid params: name must be the name of a tool.")];
    }
    const answer = await callTool(runs, request, name, caller);
    return toolAnswer(head(request), answer, findTool(name)?.envelope ?? true, tail);
  };
}

function callTool(
  runs: Runs,
  { params }: Request,
  tool: string,
  { principal, workspace, signal, onRun }: Caller,
): Promise<Answer> {
  const key = params?._meta?.["paddock/idempotencyKey"];
  return runs.call({
    principal,
    tool,
    input: params?.arguments ?? {},
    signal,
    onRun,
    ...(workspace === undefined ? {} : { workspace }),
    ...(typeof key === "string" ? { idempotencyKey: key } : {}),
  });
}

const known: readonly unknown[] = legacyVersions;
const negotiated = (params: Params | undefined): unknown =>
  known.includes(params?.protocolVersion) ? params?.protocolVersion : known[0];
