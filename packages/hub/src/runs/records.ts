/** Runs as the owner sees them: everybody's, with their answers as long as these are kept. */
import { PaddockError, type RunId, runId } from "@paddock/contract";
import type { RunRow, RunStore } from "./store.ts";

export interface RunRecord {
  id: RunId;
  /** The machine's id. */
  machine: string;
  tool: string;
  state: string;
  ok: boolean | null;
  principal: string;
  surface: string;
  workspace: string | null;
  idempotencyKey: string | null;
  /** RFC 3339. */
  createdAt: string;
  finishedAt: string | null;
}

export interface RunRecords {
  /** The latest, newest first. */
  list(limit: number): RunRecord[];
  /** Throws run_not_found. */
  show(id: string): RunRecord & { inputHash: string; answer: unknown };
}

export const openRunRecords = (store: RunStore): RunRecords => ({
  list: (limit) => store.list(limit).map(shown),
  show(id) {
    const row = find(store, id);
    const result = store.result(row.id);
    const answer: unknown = result ? JSON.parse(result.envelope.toString("utf8")) : null;
    return { ...shown(row), inputHash: row.input_hash, answer };
  },
});

function find(store: RunStore, id: string): RunRow {
  const known = runId.safeParse(id);
  const row = known.success ? store.find(known.data) : null;
  if (row) return row;
  throw new PaddockError("run_not_found", `There is no run ${id.slice(0, 64)}.`, "List them with `paddock run list`.");
}

const shown = (row: RunRow): RunRecord => ({
  id: row.id,
  machine: row.machine,
  tool: row.tool,
  state: row.state,
  ok: row.ok === null ? null : row.ok === 1,
  principal: row.principal,
  surface: row.surface,
  workspace: row.workspace,
  idempotencyKey: row.idempotency_key,
  createdAt: new Date(row.created_at).toISOString(),
  finishedAt: row.finished_at === null ? null : new Date(row.finished_at).toISOString(),
});
