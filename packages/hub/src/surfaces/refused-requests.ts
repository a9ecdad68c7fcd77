/**
 * Puts requests on record that were refused before they were calls: a foreign host or origin, no credential, a body that is
 * none. Anybody who reaches the port can make these, so that the same from one address is told once a minute.
 */
import type { IncomingMessage } from "node:http";
import type { AuditSink } from "@paddock/audit";
import { type ErrorCode, PaddockError } from "@paddock/contract";
import type { RemoteOf } from "../access/remote.ts";
import { sparingly } from "../access/sparingly.ts";

export interface RefusedRequests {
  note(request: IncomingMessage, error: unknown): void;
}

/** Records a minute, from all addresses together. */
const maxRecords = 100;
/** Mistyped addresses tell nothing; what is forbidden was put on record where that was decided. */
const untold: ReadonlySet<ErrorCode> = new Set(["not_found", "method_not_allowed", "forbidden"]);

export function recordRefused(audit: AuditSink, remoteOf: RemoteOf): RefusedRequests {
  const records = sparingly(maxRecords);
  return {
    note(request, error) {
      if (!(error instanceof PaddockError) || untold.has(error.code) || isWrongCredential(request, error)) return;
      const remote = remoteOf(request);
      const { code } = error;
      const left = records.tell(`${code} ${remote}`, performance.now());
      if (left === null) return;
      const { host = "", origin = "" } = request.headers;
      const path = request.url?.split("?", 1)[0];
      audit.write({
        event: "request.refused",
        code,
        detail: { remote, method: request.method, path, host, origin, left },
      });
    },
  };
}

/** These have a record of their own: credential.failed. */
const isWrongCredential = (request: IncomingMessage, { code }: PaddockError): boolean =>
  code === "unauthorized" && request.headers.authorization !== undefined;
