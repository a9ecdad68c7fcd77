/** Earlier calls over REST: the answer, waited for, and asking for the end. */

import type { AuditSink } from "@paddock/audit";
import { longestRunWaitSeconds, PaddockError, type Principal, type RunId, runId } from "@paddock/contract";
import type { Context } from "hono";
import type { Runs } from "../../runs/runs.ts";
import { responseOf } from "./call.ts";

interface Parts {
  runs: Runs;
  audit: Pick<AuditSink, "write">;
}

export async function runAnswer(context: Context, principal: Principal, { runs, audit }: Parts): Promise<Response> {
  const wait = Number(context.req.query("wait") ?? 0);
  if (!(wait >= 0 && wait <= longestRunWaitSeconds)) {
    throw new PaddockError("invalid_input", `wait: a number of seconds from 0 to ${longestRunWaitSeconds}.`);
  }
  const run = idOf(context);
  const answer = await runs.get(principal, run, wait, context.req.raw.signal);
  const { id, surface } = principal;
  audit.write({ event: "call.finished", run, principal: id, surface, tool: "get_run", state: answer.state });
  return responseOf(answer);
}

export async function cancelRun(context: Context, principal: Principal, { runs }: Parts): Promise<Response> {
  const id = idOf(context);
  await runs.cancel(principal, id);
  return context.json({ run: id, cancelling: true }, 202);
}

function idOf(context: Context): RunId {
  const id = runId.safeParse(context.req.param("id"));
  if (!id.success) throw new PaddockError("run_not_found", "That is not a run's id.");
  return id.data;
}
