/** The tools that the hub answers itself: waiting for a run, and the lists of runs and machines. */
import type { AuditSink } from "@paddock/audit";
import { type Principal, parseInput } from "@paddock/contract";
import { type InputOf, type LookupToolName, type OutputOf, tools } from "@paddock/contract/tools";
import { mayUse } from "../machines/choice.ts";
import type { Machine, Machines } from "../machines/machine.ts";
import { jsonBytes } from "./answers.ts";
import type { Answer, CallRequest, Runs } from "./runs.ts";
import type { RunRow } from "./store.ts";

interface Parts {
  runs: Runs;
  machines: Pick<Machines, "list">;
  audit: AuditSink;
}

type Answers = { [N in LookupToolName]: (input: InputOf<N>, request: CallRequest, parts: Parts) => Promise<Answer> };

const answers: Answers = {
  /** The answer is the run's own, so that a call looks the same whether it was quick or had to be fetched. */
  async get_run({ id, wait_seconds }, { principal, signal }, { runs }) {
    return await runs.get(principal, id, wait_seconds, signal);
  },
  async list_machines(_input, { principal }, { machines }) {
    const known = machines
      .list()
      .filter((machine) => mayUse(principal, machine))
      .map((machine) => shownTo(principal, machine));
    const data: OutputOf<"list_machines"> = { machines: known };
    const online = known.filter((machine) => machine.online).length;
    const summary =
      known.length === 0 ? "No machine has connected yet." : `${counted(known.length)}, ${online} of them online.`;
    return done("list_machines", summary, data);
  },
  async list_runs({ open, cursor, limit }, { principal }, { runs }) {
    const rows = runs.list(principal, { open, before: cursor, limit });
    const next_cursor = rows.length === limit ? (rows.at(-1)?.id ?? null) : null;
    const summary = `${rows.length} call${rows.length === 1 ? "" : "s"}${next_cursor === null ? "" : ", and older ones"}.`;
    return done("list_runs", summary, { runs: rows.map(shown), next_cursor });
  },
};

const shown = (row: RunRow): OutputOf<"list_runs">["runs"][number] => ({
  id: row.id,
  tool: row.tool,
  state: row.state,
  ok: row.ok === null ? null : row.ok === 1,
  workspace: row.workspace,
  created_at: new Date(row.created_at).toISOString(),
  finished_at: row.finished_at === null ? null : new Date(row.finished_at).toISOString(),
});

const done = <N extends LookupToolName>(tool: N, summary: string, data: OutputOf<N>): Answer => ({
  run: null,
  state: "completed",
  ok: true,
  envelope: jsonBytes({ ok: true, tool, summary, data }),
  content: null,
});

const counted = (count: number): string => (count === 1 ? "1 machine" : `${count} machines`);

function shownTo({ workspaces }: Principal, { id, name, labels, online, lastSeenAt, disabled, about }: Machine) {
  const own = (path: string) => workspaces.length === 0 || workspaces.includes(path);
  return {
    id,
    name,
    labels: [...labels],
    online,
    last_seen_at: lastSeenAt,
    disabled,
    workspace: about && own(about.workspace) ? about.workspace : null,
    roots: about?.roots.filter(({ path }) => own(path)).map(({ path, write }) => ({ path, write })) ?? [],
    profile: about?.profile ?? null,
    sandbox: about?.sandbox ?? null,
  };
}

/** Throws what the caller can act on; an answer is on record when this resolves. */
export async function answerInHub<N extends LookupToolName>(
  name: N,
  request: CallRequest,
  parts: Parts,
): Promise<Answer> {
  parts.audit.mustBeWritable();
  const input = parseInput(tools[name], request.input);
  const began = performance.now();
  const answer = await answers[name](input as InputOf<N>, request, parts);
  parts.audit.write({
    event: "call.finished",
    ...(answer.run ? { run: answer.run } : {}),
    principal: request.principal.id,
    surface: request.principal.surface,
    tool: name,
    input: request.input,
    state: answer.state,
    milliseconds: Math.round(performance.now() - began),
  });
  return answer;
}
