/** The machine behind whichever link is the newest. A newer link replaces an older one, which is closed. */
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type { About, Heads, LinkedMachine, RunEvents } from "./machine.ts";
import { linkToRunner, type RunnerLink } from "./runner-link.ts";

export interface AttachableMachine extends LinkedMachine {
  /** Speaks to the runner at the other end; it counts as there once it has said hello. */
  attach(socket: WebSocket): void;
  close(): void;
}

type LinkLog = Pick<Logger, "debug" | "warn">;

/** `hub` is what the runner is told this side is called. Without `heads` this side has no audit log. */
export function openMachine(hub: string, log: LinkLog, heads: Heads | null): AttachableMachine {
  const listeners = new Set<() => void>();
  const links = new Set<RunnerLink>();
  let runs: RunEvents | null = null;
  let current: RunnerLink | null = null;
  let name = "";
  let about: About | null = null;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  const use = (link: RunnerLink, machine: string, description: About): void => {
    current?.close();
    current = link;
    name = machine;
    about = description;
    link.head(heads?.greeting() ?? null);
    changed();
    runs?.connected();
  };
  const stopTelling = heads?.onWord((word) => current?.head(word));

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
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listen(events) {
      runs = events;
    },
    call: (call) => current?.call(call) ?? false,
    cancel: (run) => current?.cancel(run) ?? false,
    acknowledge: (runs) => current?.acknowledge(runs) ?? false,
    query: (run, principal) => current?.query(run, principal) ?? false,
    endPrincipal: (principal) => current?.endPrincipal(principal) ?? false,
    attach(socket) {
      const link: RunnerLink = linkToRunner(socket, hub, {
        hello(machine, boot, description) {
          log.debug({ machine, boot }, "runner linked");
          use(link, machine, description);
        },
        about(description) {
          if (link !== current) return;
          about = description;
          changed();
        },
        head(word) {
          if (link === current) heads?.hear(word);
        },
        accepted: (run) => runs?.accepted(run),
        state: (run, state, approval) => runs?.state(run, state, approval),
        result: (run, result) => runs?.result(run, result),
        noRun: (run) => runs?.noRun(run),
        closed(reason) {
          links.delete(link);
          if (link !== current) return;
          log.warn({ machine: name, reason }, "runner gone");
          current = null;
          changed();
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
