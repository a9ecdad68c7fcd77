/** Says what the policy would decide about a call, without making it. */
import type { Principal } from "@paddock/contract";
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
}) => Explanation;

export const explainWith =
  (parts: PrepareParts, owner: Principal): Explain =>
  ({ tool, input, workspace }) => {
    const prepared = prepare({ tool, input, principal: owner, workspace }, parts);
    const { decision, request } = prepared;
    return {
      verdict: decision.verdict,
      assurance: decision.assurance,
      rules: decision.because.map(({ id, verdict, reason }) => ({ id, verdict, reason })),
      wishes: wishesOf(request),
      profile: request.profile,
      workspace: request.workspace,
    };
  };
