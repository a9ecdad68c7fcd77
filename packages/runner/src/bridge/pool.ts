/**
 * Connections to bridged servers: made with the first use, one per trust domain or one for all, ended when unused. A server
 * that keeps failing is left alone for a while, longer each time, up to a minute.
 */
import { PaddockError } from "@paddock/contract";
import { fingerprintOf, type Server } from "./config.ts";
import type { Place } from "./connect.ts";
import type { Connection } from "./connection.ts";

export type SlotState = "stopped" | "starting" | "ready" | "failed";

export interface SlotView {
  state: SlotState;
  lastError: string | null;
}

export interface Pool {
  /** Runs `work` on the connection of this server and place, which is made when there is none. */
  use<T>(server: Server, place: Place, work: (connection: Connection) => Promise<T>): Promise<T>;
  view(server: Server, place: Place): SlotView;
  /** Forgets failures, so that the next use tries at once. */
  forgive(server: Server, place: Place): void;
  /** Ends what belongs to a principal. */
  endPrincipal(principal: string): Promise<void>;
  close(): Promise<void>;
}

export interface PoolParts {
  connect(server: Server, place: Place): Promise<Connection>;
  /** Words for the caller from whatever a server's failure is, without its secrets. */
  describe(server: Server, fault: unknown): string;
  /** Whether a fault of a use means that the connection is of no more use. */
  isBroken(fault: unknown): boolean;
  idleSeconds: number;
  now(): number;
  /** What could not be ended, where nobody waits for that. */
  log: { error(fields: object, message: string): void };
}

interface Slot {
  domain: string | null;
  fingerprint: string;
  /** Set from the start of connecting. */
  connection: Promise<Connection> | null;
  live: Connection | null;
  uses: number;
  lastUse: number;
  idleTimer: NodeJS.Timeout | null;
  failures: number;
  retryAt: number;
  lastError: string | null;
  /** Its caller or its configuration is gone: what is still connecting is closed at once. */
  ended: boolean;
}

const maxConnections = 16;
const maxBackoffMs = 60_000;

export function openPool(parts: PoolParts): Pool {
  return new ConnectionPool(parts);
}

class ConnectionPool implements Pool {
  readonly #parts: PoolParts;
  readonly #slots = new Map<string, Slot>();

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  async use<T>(server: Server, place: Place, work: (connection: Connection) => Promise<T>): Promise<T> {
    const slot = this.#slotOf(server, place);
    const waitMs = slot.retryAt - this.#parts.now();
    if (slot.connection === null && waitMs > 0) throw resting(server, slot, waitMs);
    if (slot.idleTimer) clearTimeout(slot.idleTimer);
    slot.uses += 1;
    try {
      slot.connection ??= this.#connect(server, place, slot);
      const result = await work(await slot.connection);
      slot.failures = 0;
      return result;
    } catch (fault) {
      if (slot.live && this.#parts.isBroken(fault)) await this.#drop(server, slot, fault);
      throw fault;
    } finally {
      slot.uses -= 1;
      this.#rest(server, slot);
    }
  }

  view(server: Server, place: Place): SlotView {
    const slot = this.#slots.get(keyOf(server, place));
    if (!slot || slot.fingerprint !== fingerprintOf(server)) return { state: "stopped", lastError: null };
    return { state: stateOf(slot), lastError: slot.failures > 0 ? slot.lastError : null };
  }

  forgive(server: Server, place: Place): void {
    Object.assign(this.#slotOf(server, place), { failures: 0, retryAt: 0, lastError: null });
  }

  async endPrincipal(principal: string): Promise<void> {
    await this.#end(({ domain }) => domain?.startsWith(`${principal}\n`) ?? false);
  }

  async close(): Promise<void> {
    await this.#end(() => true);
  }

  #slotOf(server: Server, place: Place): Slot {
    const key = keyOf(server, place);
    const fingerprint = fingerprintOf(server);
    const known = this.#slots.get(key);
    if (known?.fingerprint === fingerprint) return known;
    if (known) this.#endSoon(known);
    const slot = emptySlot(server.shared ? null : place.domain, fingerprint);
    this.#slots.set(key, slot);
    return slot;
  }

  async #connect(server: Server, place: Place, slot: Slot): Promise<Connection> {
    try {
      await this.#makeRoom();
      const connection = await this.#parts.connect(server, place);
      if (slot.ended) {
        await connection.close();
        throw new PaddockError("server_failed", `The server ${server.id} was ended while it started.`);
      }
      slot.live = connection;
      void connection.gone.then((words) => this.#lost(server, slot, connection, words));
      return connection;
    } catch (fault) {
      slot.connection = null;
      this.#countFailure(slot, this.#parts.describe(server, fault));
      throw fault;
    }
  }

  #lost(server: Server, slot: Slot, connection: Connection, words: string): void {
    if (slot.live !== connection) return;
    slot.live = null;
    slot.connection = null;
    const said = words === "" ? "" : ` It said: ${words.slice(-500)}`;
    this.#countFailure(slot, this.#parts.describe(server, new Error(`It ended by itself.${said}`)));
  }

  async #drop(server: Server, slot: Slot, fault: unknown): Promise<void> {
    const { live } = slot;
    slot.live = null;
    slot.connection = null;
    this.#countFailure(slot, this.#parts.describe(server, fault));
    await live?.close();
  }

  #countFailure(slot: Slot, words: string): void {
    slot.failures += 1;
    slot.lastError = words;
    const backoffMs = slot.failures === 1 ? 0 : Math.min(maxBackoffMs, 1000 * 2 ** (slot.failures - 2));
    slot.retryAt = this.#parts.now() + backoffMs;
  }

  async #makeRoom(): Promise<void> {
    const taken = [...this.#slots.values()].filter(({ connection, live }) => connection !== null || live !== null);
    if (taken.length < maxConnections) return;
    const idle = taken.filter(({ uses, live }) => uses === 0 && live !== null);
    const [oldest] = idle.toSorted((one, other) => one.lastUse - other.lastUse);
    if (!oldest) throw new PaddockError("too_many", `${maxConnections} bridged servers are in use already.`);
    await this.#end((slot) => slot === oldest);
  }

  #rest(server: Server, slot: Slot): void {
    slot.lastUse = this.#parts.now();
    if (slot.uses > 0 || slot.live === null) return;
    const idleMs = (server.idle_timeout_sec ?? this.#parts.idleSeconds) * 1000;
    slot.idleTimer = setTimeout(() => this.#endSoon(slot), idleMs).unref();
  }

  /** Where nobody waits for the end. */
  #endSoon(slot: Slot): void {
    this.#end((other) => other === slot).catch((err: unknown) =>
      this.#parts.log.error({ err }, "a bridged server could not be ended"),
    );
  }

  async #end(which: (slot: Slot) => boolean): Promise<void> {
    const ending = [...this.#slots].filter(([, slot]) => which(slot));
    await Promise.all(
      ending.map(async ([key, slot]) => {
        this.#slots.delete(key);
        const { live, idleTimer } = slot;
        Object.assign(slot, { ended: true, live: null, connection: null });
        if (idleTimer) clearTimeout(idleTimer);
        await live?.close();
      }),
    );
  }
}

const keyOf = (server: Server, place: Place): string => (server.shared ? server.id : `${server.id}\n${place.domain}`);

function stateOf(slot: Slot): SlotState {
  if (slot.live) return "ready";
  if (slot.connection) return "starting";
  return slot.failures > 0 ? "failed" : "stopped";
}

function emptySlot(domain: string | null, fingerprint: string): Slot {
  const times = { lastUse: 0, retryAt: 0, failures: 0, uses: 0 };
  const nothing = { connection: null, live: null, idleTimer: null, lastError: null };
  return { ...times, ...nothing, domain, fingerprint, ended: false };
}

function resting(server: Server, { lastError }: Slot, waitMs: number): PaddockError {
  return new PaddockError(
    "server_failed",
    `The server ${server.id} keeps failing. ${lastError ?? ""}`.trim(),
    `It is tried again in ${Math.ceil(waitMs / 1000)} s; mcp_servers with refresh lets you try at once.`,
  );
}
