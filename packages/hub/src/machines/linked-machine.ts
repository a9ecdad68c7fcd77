/** The machine behind whichever link is the newest. A newer link replaces an older one, which is closed. */
import type { HeadWord } from "@paddock/contract";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type { QuestionEvents } from "../approvals/inbox.ts";
import type { About, LinkedMachine, MachineRecords, RunEvents, RunnerWire } from "./machine.ts";
import { linkToRunner, type RunnerLink } from "./runner-link.ts";

export interface AttachableMachine extends LinkedMachine {
  /** Speaks to the runner at the other end; it counts as there once it has said hello. */
  attach(socket: WebSocket): void;
  close(): void;
}

type LinkLog = Pick<Logger, "debug" | "warn">;

/** `hub` is what the runner is told this side is called. Without `records` this side has no audit log. */
export function openMachine(hub: string, log: LinkLog, records: MachineRecords | null): AttachableMachine {
  const listeners = newListeners();
  const links = new Set<RunnerLink>();
  let runs: RunEvents | null = null;
  let questions: QuestionEvents | null = null;
  let current: RunnerLink | null = null;
  let name = "";
  let about: About | null = null;
  const use = (link: RunnerLink, machine: string, description: About): void => {
    current?.close();
    current = link;
    name = machine;
    about = description;
    link.head(opened(records, machine));
    questions?.cleared();
    listeners.tell();
    runs?.connected();
  };
  const stopTelling = records?.heads.onWord((word) => current?.head(word));

  return {
    get online() {
      return current !== null;
    },
    get name() {
      return name;
    },
    get about() {
      return about;
    },
    onChange: listeners.add,
    listen(events) {
      runs = events;
    },
    ...wordsTo(() => current),
    listenToQuestions(events) {
      questions = events;
    },
    attach(socket) {
      const link: RunnerLink = linkToRunner(socket, hub, {
        hello(machine, boot, description) {
          log.debug({ machine, boot }, "runner linked");
          use(link, machine, description);
        },
        about(description) {
          if (link !== current) return;
          about = description;
          listeners.tell();
        },
        head(word) {
          if (link === current) records?.heads.hear(word);
        },
        accepted: (run) => runs?.accepted(run),
        state: (run, state, approval) => runs?.state(run, state, approval),
        result: (run, result) => runs?.result(run, result),
        question(frame) {
          if (link === current) questions?.hear(frame);
        },
        noRun: (run) => runs?.noRun(run),
        closed(reason) {
          links.delete(link);
          if (link !== current) return;
          log.warn({ machine: name, reason }, "runner gone");
          records?.audit.write({ event: "link.closed", machine: name, detail: { reason } });
          current = null;
          questions?.cleared();
          listeners.tell();
        },
      });
      links.add(link);
    },
    close() {
      stopTelling?.();
      current = null;
      for (const link of links) link.close();
    },
  };
}

/** Puts it on record; gives what the runner is told of this side's log. */
function opened(records: MachineRecords | null, machine: string): HeadWord | null {
  records?.audit.write({ event: "link.opened", machine });
  return records?.heads.greeting() ?? null;
}

function newListeners() {
  const listeners = new Set<() => void>();
  return {
    add(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(): void {
      for (const listener of listeners) listener();
    },
  };
}

/** Each word goes to the link that is in use by then. */
const wordsTo = (link: () => RunnerLink | null): RunnerWire => ({
  call: (call) => link()?.call(call) ?? false,
  cancel: (run) => link()?.cancel(run) ?? false,
  acknowledge: (runs) => link()?.acknowledge(runs) ?? false,
  query: (run, principal) => link()?.query(run, principal) ?? false,
  answer: (frame) => link()?.answer(frame) ?? false,
  endPrincipal: (principal) => link()?.endPrincipal(principal) ?? false,
});
