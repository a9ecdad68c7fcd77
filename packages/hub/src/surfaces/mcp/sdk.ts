/**
 * What the hub does not answer itself goes to the official SDK: refusals of everything malformed, batches, and the modern
 * era's subscriptions. Loaded on first need, because most clients never need it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { type AuthInfo, createMcpHandler, Server } from "@modelcontextprotocol/server";
import type { ShownMachines } from "../../machines/machine.ts";
import { type Caller, capabilities, type Dispatch, instructionsOf, serverInfo } from "./dispatch.ts";
import { isRequest, type Message } from "./message.ts";

const maxSubscriptions = 256;

export interface SdkPath {
  /** `body` is the parsed body of a POST. Resolves when the response is written. */
  handle(request: IncomingMessage, response: ServerResponse, body: unknown, caller: Caller): Promise<void>;
  toolsChanged(): void | Promise<void>;
  /** Ends what a principal has open. */
  endStreams(principal: string): void;
  close(): Promise<void>;
}

export interface SdkDeps {
  dispatch: Dispatch;
  machines: ShownMachines;
  version: string;
  /** Told what was refused or went wrong; the response has been decided by then. */
  onError(error: Error): void;
}

export function sdkPath({ dispatch, machines, version, onError }: SdkDeps): SdkPath {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const caller = authInfo?.extra?.caller as Caller;
      const instructions = instructionsOf(machines, caller.principal);
      const server = new Server(serverInfo(version), { capabilities, instructions });
      const answer = async (message: object) => resultOf(dispatch, { jsonrpc: "2.0", id: 0, ...message }, caller);
      server.setRequestHandler("tools/list", answer);
      server.setRequestHandler("tools/call", answer);
      return server;
    },
    { maxSubscriptions, onerror: onError },
  );
  const listener = toNodeHandler(handler, { onerror: onError });
  const open = new Map<ServerResponse, string>();
  return {
    handle(request, response, body, caller) {
      open.set(response, caller.principal.id);
      response.once("close", () => open.delete(response));
      // The token was checked at the hub's door and stays there.
      const auth: AuthInfo = { token: "", clientId: caller.principal.id, scopes: [], extra: { caller } };
      return listener(Object.assign(request, { auth }) as Parameters<typeof listener>[0], response, body);
    },
    endStreams(principal) {
      for (const [response, owner] of open) if (owner === principal) response.destroy();
    },
    toolsChanged: () => handler.notify.toolsChanged(),
    close: () => handler.close(),
  };
}

async function resultOf(dispatch: Dispatch, message: Message, caller: Caller) {
  if (!isRequest(message)) throw new Error("The SDK handed on a message that is not a request.");
  const parts = await dispatch.answer(message, "legacy", caller);
  if (parts === null) throw new Error(`No method ${message.method}.`);
  return JSON.parse(Buffer.concat(parts).toString("utf8")).result;
}
