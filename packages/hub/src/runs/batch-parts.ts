/** What batches are made with. */
import type { AuditSink } from "@paddock/audit";
import type { Tool } from "@paddock/contract";
import type { Machines } from "../machines/machine.ts";
import type { BatchStore } from "./batch-store.ts";
import type { Opening } from "./opening.ts";
import type { CallRequest } from "./runs.ts";
import type { RunStore } from "./store.ts";
import type { Tracker } from "./tracker.ts";

export interface BatchesParts {
  store: RunStore;
  batches: BatchStore;
  machines: Pick<Machines, "find" | "list">;
  tracker: Tracker;
  opening: Opening;
  access: { mayCall(principal: CallRequest["principal"], tool: string): Tool };
  audit: AuditSink;
}
