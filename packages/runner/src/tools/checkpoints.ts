/** The undo tool. */
import { PaddockError } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Listed, OpenCheckpoints } from "../checkpoints/open-checkpoints.ts";
import type { Call, Handlers, Outcome } from "./handler.ts";

export interface CheckpointToolParts {
  checkpoints: OpenCheckpoints;
  limits: { maxCount: number; maxDays: number; maxFileBytes: number };
}

type Input = InputOf<"rewind">;
type Answer = Outcome<OutputOf<"rewind">>;
type Action = (parts: CheckpointToolParts, call: Call, input: Input) => Answer | Promise<Answer>;

export function checkpointHandlers(parts: CheckpointToolParts): Handlers<"rewind"> {
  return { rewind: { run: async (input, call) => actions[input.action](parts, call, input) } };
}

const actions = {
  list({ checkpoints }, call, { action, limit }) {
    const { checkpoints: listed, more } = checkpoints.list(call, limit);
    const summary = `${listed.length} ${listed.length === 1 ? "checkpoint" : "checkpoints"}${more ? ", more exist" : ""}`;
    return { summary, data: { action, checkpoints: listed.map((one) => shown(one, call)), more } };
  },

  async preview({ checkpoints }, call, input) {
    const { diff, truncated: isCut, restored, deleted, skipped } = await checkpoints.preview(call, idOf(input));
    const lists = { restored, deleted, skipped };
    const truncated = isCut || isLong(lists);
    const summary = `A restore would set back ${restored.length} and delete ${deleted.length}${truncated ? ", and more" : ""}`;
    return { summary, data: { action: input.action, diff, truncated, ...bounded(lists) } };
  },

  async restore({ checkpoints }, call, input) {
    const { kept, restored, deleted, skipped } = await checkpoints.restore(call, idOf(input));
    const summary = `Set back ${restored.length}, deleted ${deleted.length}, skipped ${skipped.length}`;
    const lists = { restored, deleted, skipped };
    const data = { action: input.action, checkpoint_id: kept.id, truncated: isLong(lists), ...bounded(lists) };
    return { summary, data };
  },

  status({ checkpoints, limits }, call, { action }) {
    const { enabled, count, bytes, snapshot } = checkpoints.status(call);
    const { maxCount, maxDays, maxFileBytes } = limits;
    const status = { enabled, count, bytes, most: maxCount, days: maxDays, file_bytes: maxFileBytes, snapshot };
    return { summary: enabled ? `${count} checkpoints` : "Checkpoints are off", data: { action, status } };
  },

  clear({ checkpoints }, call, { action, checkpoint_id }) {
    const cleared = checkpoints.clear(call, checkpoint_id);
    return { summary: `Cleared ${cleared}`, data: { action, cleared } };
  },
} as const satisfies Record<Input["action"], Action>;

function idOf({ action, checkpoint_id }: Input) {
  if (checkpoint_id !== undefined) return checkpoint_id;
  throw new PaddockError(
    "invalid_input",
    `The action ${action} needs checkpoint_id.`,
    "List checkpoints with action list.",
  );
}

const mostPaths = 500;

const isLong = (lists: Record<string, readonly unknown[]>): boolean =>
  Object.values(lists).some(({ length }) => length > mostPaths);

const bounded = <L extends Record<string, readonly unknown[]>>(lists: L): L =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.slice(0, mostPaths)])) as unknown as L;

/** Callers share a workspace and its checkpoints, but what another one typed is not theirs to read. */
const shown = ({ id, createdMs, kind, title, tool, checkpoint, files, tree, principal }: Listed, call: Call) => ({
  id,
  created_at: new Date(createdMs).toISOString(),
  kind,
  title: kind === "command" && principal !== call.principal.id ? "a command of another caller" : title,
  tool,
  checkpoint,
  files,
  snapshot: tree !== null,
});
