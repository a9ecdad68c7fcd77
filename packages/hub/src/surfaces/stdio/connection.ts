/** One client of a stream of messages: what it asked and still waits for, what it wants to hear of. */
import { randomUUID } from "node:crypto";
import type { Principal, RunId } from "@paddock/contract";
import { type DispatchDeps, dispatch, type Parts } from "../mcp/dispatch.ts";
import { inFlight, type Waiting } from "../mcp/in-flight.ts";
import { type Era, errorAnswer, errorCodes, isRequest, type Message, type Request } from "../mcp/message.ts";
import type { McpLog } from "../mcp/mount.ts";
import { progressOf, whileWaiting } from "../mcp/progress.ts";
import { modernRefusal, speaksModern } from "./era.ts";
import { subscriptions } from "./subscriptions.ts";

const maxCallsAtOnce = 256;

export interface ConnectionDeps extends DispatchDeps {
  principal: Principal;
  log: McpLog;
  send(parts: Parts): void;
  /** The client has gone: the waits end, the runs do not. */
  gone: AbortSignal;
}

export interface Connection {
  receive(message: Message): void;
  toolsChanged(): void;
  /** Resolves when nothing is left to answer. */
  idle(): Promise<unknown>;
}

export function connect(deps: ConnectionDeps): Connection {
  const { principal, runs, log, send } = deps;
  const wanted = subscriptions();
  const waits = inFlight();
  const answer = answering(deps, waits);
  const open = new Set<Promise<void>>();

  function refusalOf(request: Request, era: Era): Buffer | null {
    const refusal = era === "modern" ? modernRefusal(request) : null;
    if (refusal || open.size < maxCallsAtOnce) return refusal;
    return errorAnswer(request.id, errorCodes.internal, "Too many requests at once.");
  }

  function start(request: Request): void {
    const era = speaksModern(request) ? "modern" : "legacy";
    const refusal = refusalOf(request, era);
    if (refusal) send([refusal]);
    else if (era === "modern" && request.method === "subscriptions/listen") send([wanted.listen(request)]);
    else begin(request, era);
  }

  function begin(request: Request, era: Era): void {
    if (request.method === "initialize") wanted.opened();
    const answered = answer(request, era).finally(() => open.delete(answered));
    open.add(answered);
  }

  function cancel(id: unknown): void {
    if (wanted.cancel(id) || (typeof id !== "string" && typeof id !== "number")) return;
    const run = waits.find("", id)?.run;
    if (!run) return;
    runs
      .cancel(principal, run)
      .catch((error: unknown) => log.error({ err: error, run }, "a run could not be cancelled"));
  }

  return {
    receive(message) {
      if (isRequest(message)) start(message);
      else if (message.method === "notifications/cancelled") cancel(message.params?.requestId);
    },
    toolsChanged() {
      for (const message of wanted.notifications()) send([message]);
    },
    idle: () => Promise.all(open),
  };
}

function answering(deps: ConnectionDeps, waits: ReturnType<typeof inFlight>) {
  const { principal, log, send, gone } = deps;
  const answers = dispatch(deps);
  return async (request: Request, era: Era): Promise<void> => {
    const waiting: Waiting = { run: null };
    const onRun = (run: RunId) => {
      waiting.run = run;
    };
    const forget = waits.add("", request.id, waiting);
    const progress = progressOf(request);
    const stopTelling = progress ? whileWaiting((seconds) => send([progress(seconds)])) : null;
    try {
      const parts = await answers.answer(request, era, { principal, signal: gone, onRun });
      send(parts ?? [errorAnswer(request.id, errorCodes.methodNotFound, "Method not found")]);
    } catch (error) {
      // Nobody is left to be told.
      if (gone.aborted) return;
      const reference = randomUUID();
      log.error({ err: error, reference, method: request.method }, "mcp request failed");
      send([errorAnswer(request.id, errorCodes.internal, `Internal error, reference ${reference}.`)]);
    } finally {
      stopTelling?.();
      forget();
    }
  };
}
