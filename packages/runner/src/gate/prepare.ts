/** The first half of the gate: what a call is, where it works, and what the policy says. Nothing has happened yet. */
import { includesTool, outsideToolset, PaddockError, parseInput, type Tool } from "@paddock/contract";
import { findRunnerTool, type RunnerToolName } from "@paddock/contract/tools";
import {
  type Decision,
  decide,
  dependsOnCommands,
  type Moment,
  type Profile,
  type Request,
  type Rule,
  type Wants,
} from "@paddock/policy";
import type { ProgramFile } from "../approvals/program-files.ts";
import type { Call, Handlers, Outcome, Place } from "../tools/handler.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import type { GateCall } from "./call.ts";
import { commandsOf, isClosed, realPath, refuseWithoutTerminal, withRealPaths } from "./wanted.ts";

export interface Prepared {
  tool: Tool;
  place: Place;
  /** As its schema parsed it, defaults filled in. */
  input: object;
  /** What the call would change, where it can say so without changing it. */
  preview(): Promise<string | undefined>;
  /** Carries the call out, with what was allowed beyond the cage and the files that this was about. */
  execute(granted: Wants, approved?: readonly ProgramFile[]): Promise<Outcome<unknown>>;
  request: Request;
  decision: Decision;
}

/** The rules as they are now, and the time they go by. */
export interface RulesInForce {
  inForce(): readonly Rule[];
  moment(): Moment;
}

export interface PrepareParts {
  handlers: Handlers;
  workspaces: Workspaces;
  rules: RulesInForce;
  profile: Profile;
  /** Name of this machine. */
  machine: string;
  /** The owner's PATH: where programs are looked for. */
  searchPath: string;
}

/** Throws a PaddockError for a call that is not understood or may not be made at all. */
export async function prepare(call: Asked, signal: AbortSignal, parts: PrepareParts): Promise<Prepared> {
  const tool = toolOf(call);
  const input = parseInput(tool, call.input ?? {}) as object;
  const place = placeOf(call, signal, parts);
  const handler = parts.handlers[place.tool] as AnyHandler;
  const wants = withRealPaths(handler.wants ? await handler.wants(input, place) : {});
  refuseWithoutTerminal(wants, call.principal.surface);
  const inside = { ...place, granted: {} };
  const asked: Request = {
    tool: tool.name,
    effect: tool.effect,
    profile: place.profile,
    principal: call.principal.id,
    caller: call.principal.name,
    surface: call.principal.surface,
    machine: parts.machine,
    workspace: place.workspace,
    wants,
    ...(isClosed(wants, place) ? { closed: true } : {}),
  };
  const rules = parts.rules.inForce();
  const moment = parts.rules.moment();
  const startsIn = async () => (await handler.startsIn?.(input, place)) ?? place.workspace;
  const request = await withNeeded(asked, place, { rules, moment, startsIn, searchPath: parts.searchPath });
  return {
    tool,
    place,
    input,
    preview: async () =>
      "dry_run" in input ? diffOf(await handler.run({ ...input, dry_run: true }, inside)) : undefined,
    execute: (granted, approved) => handler.run(input, { ...place, granted, ...(approved ? { approved } : {}) }),
    request,
    decision: decide(rules, request, moment),
  };
}

const diffOf = ({ data }: Outcome<unknown>): string | undefined => {
  const { diff } = data as { diff?: unknown };
  return typeof diff === "string" ? diff : undefined;
};

/** The request with what its rules depend on; nothing else is worked out. */
async function withNeeded(request: Request, place: Place, by: Needed): Promise<Request> {
  const { command, directory: asked } = request.wants;
  const { rules, moment, searchPath } = by;
  let full = request;
  if (rules.some(({ when }) => when.cwd)) {
    const directory = asked ?? (await by.startsIn());
    full = { ...full, cwd: realPath(directory) ?? directory };
  }
  if (command === undefined || !dependsOnCommands(rules, full, moment)) return full;
  return { ...full, commands: commandsOf(command, full, place, searchPath) };
}

interface Needed {
  rules: readonly Rule[];
  moment: Moment;
  startsIn(): Promise<string>;
  searchPath: string;
}

type Asked = Pick<GateCall, "run" | "tool" | "input" | "principal" | "workspace" | "stream">;

/** A handler whose input was parsed with the schema of its own tool before. */
interface AnyHandler {
  wants?(input: unknown, place: Place): Wants | Promise<Wants>;
  startsIn?(input: unknown, place: Place): string | undefined | Promise<string | undefined>;
  run(input: unknown, call: Call): Promise<Outcome<unknown>>;
}

function toolOf({ tool: name, principal }: Asked): Tool {
  const tool = findRunnerTool(name);
  if (!tool) {
    throw new PaddockError("unknown_tool", `There is no tool ${JSON.stringify(name.slice(0, 64))}.`);
  }
  if (!includesTool(principal.toolset, tool)) throw outsideToolset(principal.toolset, name);
  return tool;
}

function placeOf(asked: Asked, signal: AbortSignal, parts: PrepareParts): Place {
  const { run, tool, principal, workspace: wanted, stream } = asked;
  const { workspaces, profile } = parts;
  const { workspace, roots } = workspaces.enter(principal, wanted);
  const domain = `${principal.id}\n${workspace}\n${profile}`;
  const place = { run, tool: tool as RunnerToolName, principal, domain, workspace, roots, profile, signal };
  return stream ? { ...place, stream } : place;
}

/** The failure that a denied call ends with: the strongest rule's own reason. */
export function denial({ because }: Decision): PaddockError {
  const rule = because[0];
  const code = rule?.id === "readonly-profile" ? "readonly" : "denied";
  return new PaddockError(code, rule ? `Refused by rule ${rule.id}: ${rule.reason}` : "Refused by the policy.");
}
