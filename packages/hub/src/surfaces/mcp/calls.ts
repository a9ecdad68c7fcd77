/** Requests over HTTP from their arrival to their answer, with whatever may end the wait before it. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal, RunId } from "@paddock/contract";
import type { Runs } from "../../runs/runs.ts";
import type { Dispatch, Parts } from "./dispatch.ts";
import { inFlight, type Waiting } from "./in-flight.ts";
import { type Era, errorAnswer, errorCodes, type Request } from "./message.ts";
import type { McpLog } from "./mount.ts";
import { progressOf } from "./progress.ts";
import { endStream, reply, writeJson } from "./reply.ts";

export interface IncomingCall {
  request: IncomingMessage;
  response: ServerResponse;
  principal: Principal;
  workspace: string | undefined;
  session: string | null;
  message: Request;
  era: Era;
}

export interface Calls {
  /** False when the method is for another handler; nothing is written then. */
  answer(call: IncomingCall): Promise<boolean>;
  /** The client no longer wants the answer to its request `id`, nor the work. */
  cancel(principal: Principal, session: string | null, id: unknown): void;
}

interface Deps {
  runs: Runs;
  dispatch: Dispatch;
  log: McpLog;
}

const ownerOf = (principal: Principal, session: string | null): string => `${principal.id} ${session ?? ""}`;

export function calls({ runs, dispatch, log }: Deps): Calls {
  const waits = inFlight();
  const cancelRun = (principal: Principal, run: RunId) => {
    runs
      .cancel(principal, run)
      .catch((error: unknown) => log.error({ err: error, run }, "a run could not be cancelled"));
  };

  async function finish(call: IncomingCall, answer: Promise<Parts>, signal: AbortSignal): Promise<void> {
    try {
      await reply(call.response, answer, { stream: acceptsStream(call.request), progress: progressOf(call.message) });
    } catch (error) {
      // Nobody is left to be told.
      if (signal.aborted) return;
      const reference = randomUUID();
      log.error({ err: error, reference, method: call.message.method }, "mcp request failed");
      fail(call, reference);
    }
  }

  return {
    async answer(call) {
      const { principal, session, message, response, era } = call;
      const gone = new AbortController();
      const waiting: Waiting = { run: null };
      const onRun = (run: RunId) => {
        waiting.run = run;
      };
      const answer = dispatch.answer(message, era, { ...call, signal: gone.signal, onRun });
      if (answer === null && era === "modern") return false;
      if (!(answer instanceof Promise)) {
        writeJson(response, answer ?? [errorAnswer(message.id, errorCodes.methodNotFound, "Method not found")]);
        return true;
      }
      const forget = waits.add(ownerOf(principal, session), message.id, waiting);
      const onClose = () => {
        gone.abort();
        // In the modern era closing an open stream is how a client cancels. Before there is one, only the wait ends.
        if (era === "modern" && response.headersSent && waiting.run !== null) cancelRun(principal, waiting.run);
      };
      response.once("close", onClose);
      await finish(call, answer, gone.signal);
      response.off("close", onClose);
      forget();
      return true;
    },
    cancel(principal, session, id) {
      if (typeof id !== "string" && typeof id !== "number") return;
      const waiting = waits.find(ownerOf(principal, session), id);
      if (waiting?.run) cancelRun(principal, waiting.run);
    },
  };
}

const acceptsStream = ({ headers }: IncomingMessage): boolean => headers.accept?.includes("text/event-stream") ?? false;

function fail({ response, message }: IncomingCall, reference: string): void {
  const answer = [errorAnswer(message.id, errorCodes.internal, `Internal error, reference ${reference}.`)];
  if (response.headersSent) endStream(response, answer);
  else writeJson(response, answer, {}, 500);
}
