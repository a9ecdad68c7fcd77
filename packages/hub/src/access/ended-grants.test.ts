import assert from "node:assert/strict";
import { test } from "node:test";
import { newId, ownMachine } from "@paddock/contract";
import type { LinkedMachine, Machines } from "../machines/machine.ts";
import { endWithGrants, type Grant } from "./ended-grants.ts";

const hour = 3_600_000;
const start = Date.parse("2026-01-01T12:00:00Z");
const at = (hours: number) => new Date(start + hours * hour).toISOString();

const record = (change: Partial<Grant>): Grant => ({
  id: newId("tok"),
  expiresAt: at(100),
  revokedAt: null,
  ...change,
});

/** A machine that notes whose grant it was told is over, and a clock. */
function world(...list: Grant[]) {
  const ended: string[] = [];
  const streams: string[] = [];
  const listeners = new Set<(machine: LinkedMachine) => void>();
  const state = { online: false, now: start };
  const machine = {
    id: ownMachine,
    get online() {
      return state.online;
    },
    endPrincipal(principal: string) {
      ended.push(principal);
      return true;
    },
  } as unknown as LinkedMachine;
  const machines: Pick<Machines, "list" | "onChange"> = {
    list: () => [machine],
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const endStreams = (principal: string) => void streams.push(principal);
  const ending = endWithGrants({ grants: () => list, machines, endStreams }, () => state.now);
  const link = (online: boolean) => {
    state.online = online;
    for (const listener of listeners) listener(machine);
  };
  return { ending, ended, streams, link, state, listeners };
}

test("when its link comes up a machine is told whose grant ended in the last day, however it ended", () => {
  const [revoked, expired] = [record({ revokedAt: at(-2) }), record({ expiresAt: at(-3) })];
  const others = [record({}), record({ revokedAt: at(-30) }), record({ expiresAt: at(-30), revokedAt: at(-1) })];
  const { ending, ended, link } = world(revoked, expired, ...others);
  link(true);
  assert.deepEqual(ended, [revoked.id, expired.id]);
  link(true);
  assert.deepEqual(ended.length, 2);
  link(false);
  link(true);
  assert.deepEqual(ended, [revoked.id, expired.id, revoked.id, expired.id]);
  ending.close();
});

test("a token that expires while the machine is there ends there within a minute", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const soon = record({ expiresAt: at(1) });
  const { ending, ended, link, state } = world(soon);
  link(true);
  context.mock.timers.tick(60_000);
  assert.deepEqual(ended, []);
  state.now += hour;
  context.mock.timers.tick(60_000);
  context.mock.timers.tick(60_000);
  assert.deepEqual(ended, [soon.id]);
  ending.close();
});

test("a revocation is told at once and ends streams, and nothing is heard after the end", () => {
  const { ending, ended, streams, listeners } = world();
  const id = newId("tok");
  ending.ended(id);
  assert.deepEqual([ended, streams], [[id], [id]]);
  ending.close();
  assert.equal(listeners.size, 0);
});
