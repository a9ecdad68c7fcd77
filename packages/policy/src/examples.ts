/** The examples that a rule comes with: calls that it is meant to speak about, and calls that it is not. */
import { findTool } from "@paddock/contract/tools";
import { decide } from "./decide.ts";
import type { Command, Commands, Request, Wants } from "./request.ts";
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

function requestOf(example: Example, rule: Rule): Request {
  const { when } = rule;
  const { tool, input } =
    typeof example === "string"
      ? { tool: when.tools?.[0] ?? "run_command", input: { command: example } satisfies Record<string, unknown> }
      : example;
  const effect = findTool(tool)?.effect ?? "executes";
  const caller = when.callers?.[0] ?? "somebody";
  const wants = { ...wishedBy(rule), ...wantsOf(input, effect === "reads" ? "read" : "write") };
  return {
    tool,
    effect: when.effects?.[0] ?? effect,
    profile: when.profiles?.[0] ?? "workspace",
    principal: caller,
    caller,
    surface: "mcp",
    machine: when.machines?.[0] ?? "this machine",
    workspace,
    cwd: when.cwd?.[0] ?? workspace,
    wants,
    ...(wants.command === undefined ? {} : { commands: commandsOf(wants.command) }),
  };
}

const workspace = "/workspace";

/** Paths and texts are where most tools have them. */
function wantsOf(input: Readonly<Record<string, unknown>>, access: "read" | "write"): Wants {
  const named = [input.path, input.source, input.destination].filter((path) => typeof path === "string");
  const paths = named.map((path) => ({
    path: path.startsWith("/") ? path : `${workspace}/${path.replace(/^(\.\/)+/, "")}`,
    access,
  }));
  const { command, server_id: server, tool: serverTool } = input;
  return {
    ...(paths.length > 0 ? { paths } : {}),
    ...(typeof command === "string" ? { command } : {}),
    ...(typeof server === "string" && typeof serverTool === "string" ? { server, serverTool } : {}),
  };
}

/** The wishes, hosts and paths that the rule is about. */
function wishedBy({ when: { wishes = [], network, paths = [] }, verdict }: Rule): Wants {
  const wished = verdict === "allow" ? wishes : wishes.slice(0, 1);
  const places = paths.map((path) => ({ path, access: "read" as const }));
  return {
    ...(wished.includes("network") ? { network: true } : {}),
    ...(wished.includes("no_cage") ? { noCage: true } : {}),
    ...(wished.includes("beyond") ? { beyond: places } : {}),
    ...(network ? { hosts: network.map((pattern) => pattern.replace(/^\*/, "example")) } : {}),
    ...(places.length > 0 && !wished.includes("beyond") ? { paths: places } : {}),
  };
}

/** Every program counts as found among the system's own. */
function commandsOf(text: string): Commands {
  const { invocations, unresolved, redirects } = readScript(text);
  return {
    list: invocations.map((invocation): Command => ({ ...invocation, ...foundAs(invocation) })),
    unresolved,
    redirects,
  };
}

function foundAs({ program, kind }: { program: string | null; kind: string }): Pick<Command, "leadsTo" | "writable"> {
  if (program === null || kind === "builtin") return { leadsTo: [], writable: false };
  return { leadsTo: [program.includes("/") ? program : `/usr/bin/${program}`], writable: false };
}
