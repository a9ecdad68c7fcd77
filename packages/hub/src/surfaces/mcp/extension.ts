/**
 * The one way to add something to the MCP surface that the contract does not declare: the fixtures that the conformance
 * suite asks for. They exist only in a hub that was started for that suite and listens on loopback.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { PaddockError, type Principal } from "@paddock/contract";
import type { Era, Message } from "./message.ts";

/** One message that the hub received, with all that answering it may take. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  principal: Principal;
  era: Era | "other";
  /** Null for GET and DELETE. */
  message: Message | null;
  /** The session id that the client sent, already verified. */
  session: string | null;
  workspace: string | undefined;
  /** A new session id for this principal. */
  newSession(): string;
}

export interface Extension {
  /** Entries that tools/list shows after the hub's own. */
  readonly tools: readonly object[];
  /** Answers the exchange and resolves to true, or leaves it untouched and resolves to false. */
  handle(exchange: Exchange): Promise<boolean>;
  close(): Promise<void>;
}

interface ExtensionModule {
  extension(): Extension;
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Loads the module that `PADDOCK_CONFORMANCE_FIXTURES` names when `PADDOCK_CONFORMANCE` is 1; undefined otherwise.
 * Throws unless the hub listens on loopback, so that the switch cannot open a hub that others reach.
 */
export async function loadExtension(
  environment: Readonly<Record<string, string | undefined>>,
  host: string,
  warn: (message: string) => void,
): Promise<Extension | undefined> {
  const { PADDOCK_CONFORMANCE: enabled, PADDOCK_CONFORMANCE_FIXTURES: path } = environment;
  if (enabled !== "1" || !path) return undefined;
  if (!loopback.has(host)) {
    throw new PaddockError(
      "cannot_enforce",
      "Conformance fixtures are for a hub that listens on loopback only.",
      "Unset PADDOCK_CONFORMANCE.",
    );
  }
  warn(`CONFORMANCE FIXTURES ARE ON (${path}). This hub is for tests only.`);
  const module = (await import(path)) as ExtensionModule;
  return module.extension();
}
