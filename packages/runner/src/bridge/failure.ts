/** What went wrong with a bridged server, as something its caller can act on. */
import { PaddockError } from "@paddock/contract";
import { maskText } from "./answer.ts";
import { type Server, secretsOf } from "./config.ts";

/** An aborted call stays what it is; a server's own protocol error is the tool's failure; the rest is the server's. */
export function asFailure(server: Server, fault: unknown, signal: AbortSignal): unknown {
  if (fault instanceof PaddockError || signal.aborted) return fault;
  if (!(fault instanceof Error)) return fault;
  const words = maskText(secretsOf(server), fault.message).slice(0, 2000);
  const code = "code" in fault ? fault.code : undefined;
  if (code === "REQUEST_TIMEOUT") {
    return new PaddockError("timeout", `The server ${server.id} did not answer in time.`);
  }
  if (typeof code === "number") {
    return new PaddockError("tool_failed", `The server ${server.id} refused the call: ${words}`, undefined, { code });
  }
  if (!isServerFault(fault, code)) return fault;
  return new PaddockError("server_failed", `The server ${server.id} failed: ${words}`);
}

/** Faults of the client library carry a code in words, those of `fetch` are TypeErrors with a cause. */
function isServerFault(fault: Error, code: unknown): boolean {
  return typeof code === "string" || fault.cause !== undefined || fault.message.startsWith("The server");
}

/** A server that answers, if with an error, or that is only slow, is still there. */
export function isConnectionFault(fault: unknown): boolean {
  if (fault instanceof PaddockError || !(fault instanceof Error)) return false;
  const code = "code" in fault ? fault.code : undefined;
  return code !== "REQUEST_TIMEOUT" && typeof code !== "number" && isServerFault(fault, code);
}
