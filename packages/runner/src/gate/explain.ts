/** Says what the policy would decide about a call, without making it. */
import { newId, type Principal } from "@paddock/contract";
import { wishesOf } from "@paddock/policy";
import { type PrepareParts, prepare } from "./prepare.ts";

export interface Explanation {
  verdict: string;
  assurance: string;
  rules: { id: string; verdict: string; reason: string }[];
  wishes: readonly string[];
  profile: string;
  workspace: string;
}

export type Explain = (asked: {
  tool: string;
  input: Record<string, unknown>;
  workspace?: string | undefined;
}) => Promise<Explanation>;

const explainMs = 10_000;

export const explainWith =
  (parts: PrepareParts, owner: Principal): Explain =>
  async ({ tool, input, workspace }) => {
    const call = { run: newId("run"), tool, input, principal: owner, workspace };
    const { decision, request } = await prepare(call, AbortSignal.timeout(explainMs), parts);
    return {
      verdict: decision.verdict,
      assurance: decision.assurance,
      rules: decision.because.map(({ id, verdict, reason }) => ({ id, verdict, reason })),
      wishes: wishesOf(request),
      profile: request.profile,
      workspace: request.workspace,
    };
  };
