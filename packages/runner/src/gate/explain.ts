/** Says what the policy would decide about a call, without making it. */
import { newId, type Principal } from "@paddock/contract";
import { type Command, type Doubt, decide, type Request, wishesOf } from "@paddock/policy";
import { type PrepareParts, prepare } from "./prepare.ts";
import { commandsOf } from "./wanted.ts";

export interface Explanation {
  verdict: string;
  assurance: string;
  rules: ExplainedRule[];
  wishes: readonly string[];
  /** What the call's text would start, each with what is decided about it alone. */
  commands: ExplainedCommand[];
  /** Why the text may start more. */
  doubts: readonly Doubt[];
  profile: string;
  workspace: string;
  /** What cannot be hidden or enforced here. */
  limits: readonly string[];
}

interface ExplainedRule {
  id: string;
  verdict: string;
  reason: string;
}

interface ExplainedCommand extends Pick<Command, "program" | "args" | "through" | "kind" | "leadsTo"> {
  verdict: string;
  /** The rule that decides; null when none speaks about it. */
  rule: string | null;
}

export type Explain = (asked: {
  tool: string;
  input: Record<string, unknown>;
  workspace?: string | undefined;
}) => Promise<Explanation>;

export interface ExplainParts extends PrepareParts {
  /** Whom the call is thought to come from. */
  owner: Principal;
  /** What the cages here do not hold. */
  notEnforced: readonly string[];
  sandbox: string;
}

const explainMs = 10_000;

export const explainWith =
  (parts: ExplainParts): Explain =>
  async ({ tool, input, workspace }) => {
    const call = { run: newId("run"), tool, input, principal: parts.owner, workspace };
    const { decision, request, place } = await prepare(call, AbortSignal.timeout(explainMs), parts);
    const { command } = request.wants;
    const found =
      command === undefined ? null : (request.commands ?? commandsOf(command, request, place, parts.searchPath));
    return {
      verdict: decision.verdict,
      assurance: decision.assurance,
      rules: decision.because.map(({ id, verdict, reason }) => ({ id, verdict, reason })),
      wishes: wishesOf(request),
      commands: (found?.list ?? []).map((one) => explained(one, request, parts)),
      doubts: found?.unresolved ?? [],
      profile: request.profile,
      workspace: request.workspace,
      limits: limitsOf(command !== undefined, parts),
    };
  };

function explained(command: Command, request: Request, { rules }: PrepareParts): ExplainedCommand {
  const alone = { ...request, commands: { list: [command], unresolved: [], redirects: [] } };
  const { verdict, because } = decide(rules.inForce(), alone, rules.moment());
  const { program, args, through, kind, leadsTo } = command;
  return { program, args, through, kind, leadsTo, verdict, rule: because[0]?.id ?? null };
}

function limitsOf(startsPrograms: boolean, { sandbox, notEnforced }: ExplainParts): string[] {
  if (!startsPrograms) return [];
  return [
    ...(sandbox === "none"
      ? ["No cage holds commands here: they run with all rights of your account."]
      : [inWorkspace]),
    ...notEnforced.map((what) => `Not held on this machine: ${what}.`),
  ];
}

const inWorkspace =
  "Every file of the workspace can be read by a command, also one whose name tells of secrets: hide it with hidden_paths or `paddock root deny`.";
