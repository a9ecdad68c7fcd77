/** The first half of the gate: what a call is, where it works, and what the policy says. Nothing has happened yet. */
import { annotationsOf, invalidInput, PaddockError, type Tool } from "@paddock/contract";
import { findTool, isHubToolName, type RunnerToolName } from "@paddock/contract/tools";
import { type Decision, decide, type Profile, type Request, type Rule, type Wants } from "@paddock/policy";
import type { Call, Handlers, Outcome } from "../tools/handler.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import type { GateCall } from "./gate.ts";

export interface Prepared {
  tool: Tool;
  execute(call: Call): Promise<Outcome<unknown>>;
  workspace: string;
  roots: Call["roots"];
  request: Request;
  decision: Decision;
}

export interface PrepareParts {
  handlers: Handlers;
  workspaces: Workspaces;
  rules: readonly Rule[];
  profile: Profile;
}

/** Throws a PaddockError for a call that is not understood or may not be made at all. */
export function prepare(
  call: Pick<GateCall, "tool" | "input" | "principal" | "workspace">,
  { handlers, workspaces, rules, profile }: PrepareParts,
): Prepared {
  const tool = findTool(call.tool);
  if (!tool || isHubToolName(tool.name)) {
    throw new PaddockError("unknown_tool", `There is no tool ${JSON.stringify(call.tool.slice(0, 64))}.`);
  }
  if (call.principal.toolset === "readonly" && !annotationsOf(tool.effect).readOnlyHint) {
    throw new PaddockError("readonly", `${tool.name} can change something, and this caller may only read.`);
  }
  const parsed = tool.input.safeParse(call.input ?? {});
  if (!parsed.success) throw invalidInput(parsed.error);
  const { workspace, roots } = workspaces.enter(call.principal, call.workspace);
  const handler = handlers[tool.name as RunnerToolName] as AnyHandler;
  const request: Request = {
    tool: tool.name,
    effect: tool.effect,
    profile,
    principal: call.principal.id,
    surface: call.principal.surface,
    workspace,
    wants: handler.wants?.(parsed.data, { workspace }) ?? {},
  };
  return {
    tool,
    execute: (granted) => handler.run(parsed.data, granted),
    workspace,
    roots,
    request,
    decision: decide(rules, request),
  };
}

/** A handler whose input was parsed with the schema of its own tool a line before. */
interface AnyHandler {
  wants?(input: unknown, place: { workspace: string }): Wants;
  run(input: unknown, call: Call): Promise<Outcome<unknown>>;
}

/** The failure that a denied call ends with: the strongest rule's own reason. */
export function denial({ because }: Decision): PaddockError {
  const rule = because[0];
  const code = rule?.id === "readonly-profile" ? "readonly" : "denied";
  return new PaddockError(code, rule ? `Refused by rule ${rule.id}: ${rule.reason}` : "Refused by the policy.");
}
