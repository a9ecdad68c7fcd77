/**
 * Puts requests on record that were refused before they were calls: a foreign host or origin, no credential, a body that is
 * none. Anybody who reaches the port can make these, so that the same from one address is told once a minute.
 */
import type { IncomingMessage } from "node:http";
import type { AuditSink } from "@paddock/audit";
import { type ErrorCode, PaddockError } from "@paddock/contract";

export interface RefusedRequests {
  note(request: IncomingMessage, error: unknown): void;
}

const windowMs = 60_000;
/** Records a minute, from all addresses together. */
const maxRecords = 100;
/** Mistyped addresses tell nothing; what is forbidden was put on record where that was decided. */
const untold: ReadonlySet<ErrorCode> = new Set(["not_found", "method_not_allowed", "forbidden"]);

export function recordRefused(audit: AuditSink): RefusedRequests {
  const told = new Set<string>();
  let began = 0;
  let left = 0;
  return {
    note(request, error) {
      if (!(error instanceof PaddockError) || untold.has(error.code) || isWrongCredential(request, error)) return;
      const now = performance.now();
      if (now - began > windowMs) {
        began = now;
        told.clear();
      }
      const remote = request.socket.remoteAddress ?? "";
      const { code } = error;
      if (told.has(`${code} ${remote}`) || told.size >= maxRecords) {
        left += 1;
        return;
      }
      told.add(`${code} ${remote}`);
      const { host = "", origin = "" } = request.headers;
      const path = request.url?.split("?", 1)[0];
      audit.write({
        event: "request.refused",
        code,
        detail: { remote, method: request.method, path, host, origin, left },
      });
      left = 0;
    },
  };
}

/** These have a record of their own: credential.failed. */
const isWrongCredential = (request: IncomingMessage, { code }: PaddockError): boolean =>
  code === "unauthorized" && request.headers.authorization !== undefined;
