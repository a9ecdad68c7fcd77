/**
 * What a cage reaches, in the audit log: at once for what is new, and summed up for what goes on, so that a program that
 * connects without end can neither fill the log nor push anything out of it.
 */
import type { AuditLog } from "@paddock/audit";
import type { AuditEntry, ErrorCode, Principal } from "@paddock/contract";
import type { Way } from "./host-rules.ts";
import { shownTarget, type Target } from "./target.ts";

/** Whose programs these are. */
export interface Caller {
  domain: string;
  principal: Principal;
  workspace: string;
}

/** Why a target may be reached. */
export type Basis = "listed" | "asked" | "open" | "rule" | "repository";

export interface Visit {
  /** To be called once, with the bytes that went each way. */
  end(sent: number, received: number): void;
}

interface Line {
  detail: Record<string, unknown>;
  open: number;
  connections: number;
  refused: number;
  sent: number;
  received: number;
  milliseconds: number;
}

const summaryMs = 30_000;
/** Hosts told apart in one period; what comes beyond is refused. */
const mostLines = 256;

export class TrafficLog {
  readonly #audit: AuditLog;
  readonly #caller: Caller;
  readonly #lines = new Map<string, Line>();
  readonly #timer: NodeJS.Timeout;

  constructor(audit: AuditLog, caller: Caller) {
    this.#audit = audit;
    this.#caller = caller;
    this.#timer = setInterval(() => this.#sumUp(), summaryMs).unref();
  }

  /** False while nothing more can be recorded: then nothing more may be reached. */
  get hasRoom(): boolean {
    return this.#audit.writable && this.#lines.size < mostLines;
  }

  /** `what` is a host or a repository. */
  opened(what: string, way: Way, basis: Basis): Visit {
    const line = this.#lineOf("network.allowed", { host: what, way, basis });
    const begunAt = performance.now();
    line.open += 1;
    line.connections += 1;
    return {
      end: (sent, received) => {
        line.open -= 1;
        line.sent += sent;
        line.received += received;
        line.milliseconds += performance.now() - begunAt;
      },
    };
  }

  refused(target: Target | null, code: ErrorCode, why: string): void {
    const isTold = target !== null && this.hasRoom;
    const detail = isTold ? { host: shownTarget(target), code, why: why.slice(0, 500) } : { host: null, code };
    this.#lineOf("network.refused", detail).refused += 1;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sumUp();
    this.#lines.clear();
  }

  #lineOf(event: "network.allowed" | "network.refused", detail: Record<string, unknown>): Line {
    const key = JSON.stringify([event, detail.host, detail.way, detail.basis, detail.code]);
    const known = this.#lines.get(key);
    if (known) return known;
    this.#write(event, detail);
    const line = { detail, open: 0, connections: 0, refused: 0, sent: 0, received: 0, milliseconds: 0 };
    this.#lines.set(key, line);
    return line;
  }

  #sumUp(): void {
    for (const [key, line] of this.#lines) {
      const { detail, open, connections, refused, sent, received } = line;
      const milliseconds = Math.round(line.milliseconds);
      const sums = connections + sent + received > 0 ? { connections, sent, received, milliseconds } : { refused };
      // A single refusal is told by its own record.
      if (refused !== 1) this.#write("network.used", { ...detail, ...sums });
      if (open === 0) this.#lines.delete(key);
      Object.assign(line, { connections: 0, refused: 0, sent: 0, received: 0, milliseconds: 0 });
    }
  }

  #write(event: AuditEntry["event"], detail: Record<string, unknown>): void {
    const { principal, workspace } = this.#caller;
    this.#audit.write({ event, principal: principal.id, surface: principal.surface, detail: { ...detail, workspace } });
  }
}
