/** The examples that a rule comes with: calls that it is meant to speak about, and calls that it is not. */
import { findTool } from "@paddock/contract/tools";
import { wishesOf } from "./condition.ts";
import { decide } from "./decide.ts";
import type { Command, Request, Wants } from "./request.ts";
import type { Rule } from "./rule.ts";
import { readScript } from "./shell/read-script.ts";

/** A command line, or a call. What an example does not say, such as the caller, is as the rule wants it. */
export type Example = string | { tool: string; input: Readonly<Record<string, unknown>> };

export interface Examples {
  match: readonly Example[];
  notMatch: readonly Example[];
}

export interface FailedExample {
  example: Example;
  expected: "match" | "not_match";
  /** What came out, in words. */
  outcome: string;
}

/** Examples that come out otherwise than the rule says. */
export function failedExamples(rule: Rule, { match, notMatch }: Examples): FailedExample[] {
  const timeless = withoutTime(rule);
  const failed: FailedExample[] = [];
  const check = (example: Example, expected: FailedExample["expected"]) => {
    const { because } = decide([timeless], requestOf(example, rule), always);
    const [found] = because;
    const isRight = expected === "match" ? found?.verdict === rule.verdict : found === undefined;
    if (!isRight) failed.push({ example, expected, outcome: outcomeOf(rule, found) });
  };
  for (const example of match) check(example, "match");
  for (const example of notMatch) check(example, "not_match");
  return failed;
}

const always = { now: 0, latest: 0, minute: 0 };

function withoutTime(rule: Rule): Rule {
  const { until: _, hours: __, ...when } = rule.when;
  return { ...rule, when };
}

function outcomeOf({ verdict }: Rule, found: Rule | undefined): string {
  if (!found) return "the rule says nothing about it";
  return found.verdict === verdict ? `the rule says ${verdict}` : "the rule asks, because it cannot be told";
}

function requestOf(example: Example, { when, verdict }: Rule): Request {
  const call = typeof example === "string" ? { tool: "run_command", input: { command: example } } : example;
  const { tool } = typeof example === "string" && when.tools?.[0] ? { tool: when.tools[0] } : call;
  const effect = findTool(tool)?.effect ?? "executes";
  const request: Request = {
    tool,
    effect: when.effects?.[0] ?? effect,
    profile: when.profiles?.[0] ?? "workspace",
    principal: when.callers?.[0] ?? "somebody",
    caller: when.callers?.[0] ?? "somebody",
    surface: "mcp",
    machine: when.machines?.[0] ?? "this machine",
    workspace: "/workspace",
    cwd: when.cwd?.[0] ?? "/workspace",
    wants: wantsOf(call.input, effect === "reads" ? "read" : "write"),
  };
  const { command } = request.wants;
  const wished = { ...request, wants: wishesOf(request).length > 0 ? request.wants : asWished(request.wants, when, verdict) };
  return command === undefined ? wished : { ...wished, commands: commandsOf(command) };
}

/** Paths and texts are where most tools have them. */
function wantsOf(input: Readonly<Record<string, unknown>>, access: "read" | "write"): Wants {
  const paths = ["path", "source", "destination"].map((field) => input[field]).filter((path) => typeof path === "string");
  const needs = (input.needs ?? {}) as { network?: unknown; no_cage?: unknown; paths?: { path: string; write?: boolean }[] };
  const absolute = (path: string) => (path.startsWith("/") ? path : `/workspace/${path.replace(/^(\.\/)+/, "")}`);
  return {
    ...(paths.length > 0 ? { paths: paths.map((path) => ({ path: absolute(path), access })) } : {}),
    ...(typeof input.command === "string" ? { command: input.command } : {}),
    ...(needs.network ? { network: true } : {}),
    ...(needs.no_cage ? { noCage: true } : {}),
    ...(needs.paths
      ? { beyond: needs.paths.map(({ path, write }) => ({ path: absolute(path), access: write ? "write" : "read" })) }
      : {}),
  };
}

/** The wishes, hosts and paths that the rule wants, for an example that speaks of its command alone. */
function asWished(wants: Wants, { wishes = [], network, paths, hidden }: Rule["when"], verdict: Rule["verdict"]): Wants {
  const wished = verdict === "allow" ? wishes : wishes.slice(0, 1);
  const places = paths ?? hidden ?? [];
  const hosts = network?.map((pattern) => pattern.replace(/^\*/, "example"));
  return {
    ...wants,
    ...(wished.includes("network") ? { network: true } : {}),
    ...(wished.includes("no_cage") ? { noCage: true } : {}),
    ...(wished.includes("beyond") ? { beyond: places.map((path) => ({ path, access: "read" as const })) } : {}),
    ...(hosts ? { hosts } : {}),
    ...(wants.paths || wishes.includes("beyond") || places.length === 0 ? {} : { paths: asRead(places) }),
  };
}

const asRead = (paths: readonly string[]) => paths.map((path) => ({ path, access: "read" as const }));

/** Every program counts as found among the system's own. */
function commandsOf(text: string): Request["commands"] {
  const { invocations, unresolved } = readScript(text);
  return { list: invocations.map((invocation): Command => ({ ...invocation, ...foundAs(invocation) })), unresolved };
}

function foundAs({ program, kind }: { program: string | null; kind: string }): Pick<Command, "leadsTo" | "writable"> {
  if (program === null || kind === "builtin") return { leadsTo: [], writable: false };
  return { leadsTo: [program.includes("/") ? program : `/usr/bin/${program}`], writable: false };
}
