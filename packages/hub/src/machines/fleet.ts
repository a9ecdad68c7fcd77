/** The machines of a hub in memory: found by name or id, heard together. */
import { type MachineId, ownMachine } from "@paddock/contract";
import type { QuestionEvents } from "../approvals/inbox.ts";
import { type AttachableMachine, type MachineParts, openMachine } from "./linked-machine.ts";
import type { LinkedMachine, Machine, MachineIdentity, Machines, RunEvents } from "./machine.ts";

export interface Fleet extends Machines {
  /** `lastSeenAt` in milliseconds since the epoch. */
  add(identity: MachineIdentity, lastSeenAt: number | null): AttachableMachine;
  get(id: MachineId): AttachableMachine | undefined;
  remove(id: MachineId): void;
  close(): void;
}

type FleetParts = Omit<MachineParts, "runs" | "questions" | "changed">;

export function openFleet(parts: FleetParts): Fleet {
  const machines = new Map<MachineId, AttachableMachine>();
  const listeners = new Set<(machine: LinkedMachine) => void>();
  let runs: RunEvents | null = null;
  let questions: QuestionEvents | null = null;
  const changed = (machine: LinkedMachine): void => {
    for (const listener of listeners) listener(machine);
  };
  const list = (): AttachableMachine[] => [...machines.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const onChange: Machines["onChange"] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    add(identity, lastSeenAt) {
      const machine = openMachine(identity, lastSeenAt, {
        ...parts,
        runs: () => runs,
        questions: () => questions,
        changed,
      });
      machines.set(identity.id, machine);
      return machine;
    },
    get: (id) => machines.get(id),
    remove(id) {
      const machine = machines.get(id);
      machines.delete(id);
      machine?.close();
      questions?.cleared(id);
      if (machine) changed(machine);
    },
    list,
    find: (name) => machines.get(name as MachineId) ?? list().find((machine) => machine.name === name) ?? null,
    standard: standardOf(() => machines.get(ownMachine) ?? list()[0], onChange),
    onChange,
    listen(events) {
      runs = events;
    },
    listenToQuestions(events) {
      questions = events;
    },
    close() {
      for (const machine of machines.values()) machine.close();
    },
  };
}

/** Whichever machine stands for all by now. */
function standardOf(current: () => Machine | undefined, onChange: Machines["onChange"]): Machine {
  return {
    get id() {
      return current()?.id ?? ownMachine;
    },
    get name() {
      return current()?.name ?? "";
    },
    get labels() {
      return current()?.labels ?? [];
    },
    get disabled() {
      return current()?.disabled ?? false;
    },
    get online() {
      return current()?.online ?? false;
    },
    get lastSeenAt() {
      return current()?.lastSeenAt ?? null;
    },
    get about() {
      return current()?.about ?? null;
    },
    onChange: (listener) => onChange((machine) => machine.id === (current()?.id ?? machine.id) && listener()),
  };
}
