/** The first look at a batch, in the hub: who may call what, whether each call makes sense, and whether there is room. */
import { PaddockError, parseInput, type Tool } from "@paddock/contract";
import { isHubToolName, tools } from "@paddock/contract/tools";
import type { BatchesParts } from "./batch-parts.ts";
import type { BatchCall, BatchRecord } from "./batch-store.ts";
import { byNamedMachine } from "./named-machine.ts";
import type { OpenRun } from "./open-run.ts";
import type { Checked } from "./opening.ts";
import type { CallRequest } from "./runs.ts";
import type { RunRow } from "./store.ts";

export interface Admitted {
  run: OpenRun;
  record: BatchRecord;
  /** To be called when everything that is told of its calls is heard. */
  send(): void;
}

type Call = ReturnType<typeof parsedCalls>["calls"][number];
type Wish = Checked | OpenRun | RunRow;

const slackMs = 1_000;

/** Everything is on record when it returns, and nothing is sent. Throws batch_rejected, with the reasons by call. */
export function admit(tool: Tool, request: CallRequest, parts: BatchesParts): Admitted {
  const { opening, batches } = parts;
  const input = parsedCalls(request.input);
  const wishes = checkedAll(input.calls, request, parts);
  const fresh = wishes.filter(isNew);
  opening.mustHaveRoom(request.principal, fresh.length + 1);
  parts.audit.mustBeWritable();
  const deadline = deadlineFor(fresh, parts);
  const recorded: { run: OpenRun; machine: Checked["machine"] }[] = [];
  const put = (wish: Checked): OpenRun => {
    const run = opening.record(wish, { deadline });
    recorded.push({ run, machine: wish.machine });
    return run;
  };
  try {
    const run = put(opening.checkOwn(tool, request));
    run.awaitsWord = false;
    const calls = wishes.map((wish): BatchCall => {
      return isNew(wish)
        ? { run: put(wish).id, held: true, released: false }
        : { run: wish.id, held: false, released: true };
    });
    const atOnce = input.order === "sequential" ? 1 : input.concurrency;
    const record = { run: run.id, atOnce, failFast: input.fail_fast, cancelled: false, calls };
    batches.insert(record);
    const send = () => {
      for (const { run: one, machine } of recorded) if (one.call) machine?.call(one.call);
    };
    return { run, record, send };
  } catch (error) {
    for (const { run } of recorded) parts.tracker.drop(run);
    throw error;
  }
}

const parsedCalls = (input: unknown) => parseInput(tools.batch, input);
const isNew = (wish: Wish): wish is Checked => "essence" in wish;

/** One after another each may take its whole time, and the owner is asked about all of them before. */
function deadlineFor(calls: readonly Checked[], { opening }: BatchesParts): number {
  const now = Date.now();
  return calls.reduce((sum, { request }) => sum + opening.deadlineOf(request.input, now) - now, now + slackMs);
}

function checkedAll(calls: readonly Call[], batch: CallRequest, parts: BatchesParts): Wish[] {
  const refused: { index: number; tool: string; code: string; message: string; next_step: string }[] = [];
  const keys = new Set<string>();
  const wishes = calls.flatMap((call, index) => {
    try {
      return [checked(call, batch, keys, parts)];
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      const { code, message, nextStep } = error;
      refused.push({ index, tool: call.tool, code, message, next_step: nextStep });
      return [];
    }
  });
  if (refused.length === 0) return wishes;
  const message = `${refused.length} of ${calls.length} calls cannot be made, so none was.`;
  throw new PaddockError("batch_rejected", message, undefined, { refused });
}

function checked(call: Call, batch: CallRequest, keys: Set<string>, { access, opening }: BatchesParts): Wish {
  const { principal, workspace } = batch;
  const tool = access.mayCall(principal, call.tool);
  if (isHubToolName(tool.name) || tool.name === tools.transfer_file.name) {
    throw new PaddockError("invalid_input", `${tool.name} cannot be part of a batch.`);
  }
  const { idempotency_key: key } = call;
  if (key !== undefined && keys.has(key)) {
    throw new PaddockError("idempotency_conflict", "Another call of the batch has the same idempotency key.");
  }
  if (key !== undefined) keys.add(key);
  const request = byNamedMachine({
    principal,
    tool: tool.name,
    input: call.input,
    ...(workspace === undefined ? {} : { workspace }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
  const earlier = opening.earlier(tool, request);
  if (earlier) return earlier;
  parseInput(tool, request.input);
  return opening.check(tool, request);
}
