/**
 * The machines that belong to this hub: who may link, by which key, under which name. What the owner changes here is on record
 * and counts at once: a machine that is disabled or removed loses its link.
 */
import type { AuditSink } from "@paddock/audit";
import { type MachineId, newId, ownMachine, PaddockError } from "@paddock/contract";
import { machineAlias, machineLabel, newKeyText } from "@paddock/contract/link";
import type { Wire } from "@paddock/link";
import { isSignedBy } from "@paddock/link/signature";
import * as z from "zod";
import { sparingly } from "../access/sparingly.ts";
import type { Fleet } from "./fleet.ts";
import { type EnrolWish, type Invitation, type Invitations, type InviteWish, openInvitations } from "./invitations.ts";
import type { MachineIdentity } from "./machine.ts";
import { identityOf, type MachineRecord, recordOf } from "./machine-record.ts";
import { aliasFrom, freeName } from "./names.ts";
import type { MachineRow, MachineStore } from "./store.ts";

export const changeWish = z
  .strictObject({
    name: machineAlias,
    labels: z.array(machineLabel).max(16),
    disabled: z.boolean(),
  })
  .partial();
export type ChangeWish = z.output<typeof changeWish>;

export interface Registry {
  list(): MachineRecord[];
  /** By name or id. Throws machine_not_found. */
  show(name: string): MachineRecord;
  /** The secret is in this answer and nowhere else. */
  invite(wish: InviteWish): Invitation;
  /** Forgets the codes that were not used, which name a key that the hub has no more. Returns how many. */
  voidCodes(): number;
  /** Makes a machine known. Throws join_refused. */
  enrol(wish: EnrolWish): MachineIdentity;
  change(name: string, wish: ChangeWish): MachineRecord;
  /** Forgets it: it can only come back with a new code. Its runs stay on record. */
  remove(name: string): MachineRecord;
  /** Has the machine make another key; resolves when it is known by that. Throws machine_offline, and unavailable. */
  rotateKey(name: string): Promise<MachineRecord>;
  /** Knows the machine by a key that it has made. False for one that it has not proved to have, or that another has. */
  newKey(id: MachineId, key: string, signature: string): boolean;
  /** Notes that a second runner came with the machine's key while the first was there. */
  conflict(id: MachineId): void;
  /** Whether any machine but the hub's own can come. */
  expectsRunners(): boolean;
  /** The machine with that key. Throws link_refused and machine_disabled. */
  admit(publicKey: string): MachineId;
  /** A link of the hub's own runner, or of one that was admitted. */
  attach(id: MachineId, wire: Wire): void;
  /** Notes that a machine was heard. */
  seen(id: MachineId, hostname: string): void;
}

export interface RegistryParts {
  store: MachineStore;
  fleet: Pick<Fleet, "add" | "get" | "remove">;
  audit: AuditSink;
  /** What the hub's own machine is called at first. */
  hostname: string;
}

const disabledWords = "The owner of the hub has disabled this machine.";
const rotateWithinMs = 10_000;
const refusalsPerMinute = 20;
/** The second runner tries again and again; that is put on record now and then. */
const conflictEveryMs = 3_600_000;
/** How exactly it is noted when a machine was heard last. */
const seenEveryMs = 60_000;

export function openRegistry(parts: RegistryParts): Registry {
  const registry = new MachineRegistry(parts);
  registry.load();
  return registry;
}

class MachineRegistry implements Registry {
  readonly #parts: RegistryParts;
  readonly #rows = new Map<MachineId, MachineRow>();
  readonly #invitations: Invitations;
  readonly #conflicts = new Map<MachineId, number>();
  readonly #rotating = new Map<MachineId, () => void>();
  readonly #refusals = sparingly(refusalsPerMinute);

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#invitations = openInvitations({ store: parts.store, audit: parts.audit });
  }

  load(): void {
    for (const row of this.#parts.store.list()) this.#learn(row);
  }

  list(): MachineRecord[] {
    const rows = [...this.#rows.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return rows.map((row) => this.#record(row));
  }

  show(name: string): MachineRecord {
    return this.#record(this.#named(name));
  }

  invite(wish: InviteWish): Invitation {
    if (wish.name !== undefined) this.#refuseTaken(wish.name);
    return this.#invitations.make(wish, Date.now());
  }

  voidCodes(): number {
    return this.#parts.store.voidCodes();
  }

  enrol(wish: EnrolWish): MachineIdentity {
    const code = this.#invitations.redeem(wish, Date.now());
    const before = code.used_by === null ? undefined : this.#rows.get(code.used_by);
    // The machine did not hear that it is enrolled, and asks again.
    if (before?.public_key === wish.publicKey) return identityOf(before);
    if (code.used_by !== null || this.#byKey(wish.publicKey))
      throw this.#invitations.refuse("the code was used already");
    const wanted = wish.name ?? code.name;
    if (wanted !== null) this.#refuseTaken(wanted);
    const row: MachineRow = {
      id: newId("mch"),
      name: wanted ?? this.#freeName(wish.hostname),
      labels: code.labels,
      public_key: wish.publicKey,
      hostname: wish.hostname,
      enrolled_at: Date.now(),
      last_seen_at: null,
      disabled_at: null,
    };
    this.#parts.audit.mustBeWritable();
    this.#parts.store.enrol(row, code.hash);
    const { id, name: machine, public_key: key, hostname } = row;
    this.#parts.audit.write({ event: "machine.enrolled", machine, detail: { id, key, hostname } });
    this.#learn(row);
    return identityOf(row);
  }

  change(name: string, wish: ChangeWish): MachineRecord {
    const row = this.#named(name);
    if (wish.name !== undefined && wish.name !== row.name) this.#refuseTaken(wish.name);
    const disabledAt = wish.disabled === undefined ? row.disabled_at : wish.disabled ? Date.now() : null;
    const next = { ...row, name: wish.name ?? row.name, labels: wish.labels ?? row.labels, disabled_at: disabledAt };
    const detail = { id: row.id, name: next.name, labels: next.labels };
    const isSwitched = (disabledAt === null) !== (row.disabled_at === null);
    const event = isSwitched ? (disabledAt === null ? "machine.enabled" : "machine.disabled") : "machine.changed";
    this.#write(next, { event, machine: row.name, detail });
    if (next.disabled_at !== null) this.#drop(row, "machine_disabled", disabledWords);
    return this.#record(next);
  }

  remove(name: string): MachineRecord {
    const row = this.#named(name);
    const record = this.#record(row);
    this.#parts.audit.mustBeWritable();
    this.#parts.audit.write({ event: "machine.removed", machine: row.name, detail: { id: row.id } });
    this.#parts.store.remove(row.id);
    this.#rows.delete(row.id);
    this.#drop(row, "link_refused", "The owner of the hub has removed this machine.");
    this.#parts.fleet.remove(row.id);
    return record;
  }

  async rotateKey(name: string): Promise<MachineRecord> {
    const { id, name: machine } = this.#named(name);
    const changed = new Promise<boolean>((resolve) => {
      this.#rotating.set(id, () => resolve(true));
      setTimeout(() => resolve(false), rotateWithinMs).unref();
    });
    try {
      if (id === ownMachine || !this.#parts.fleet.get(id)?.rotateKey())
        throw new PaddockError(
          "machine_offline",
          `The machine ${machine} has no link over which its key could change.`,
        );
      if (!(await changed)) throw new PaddockError("unavailable", "The machine did not make another key in time.");
    } finally {
      this.#rotating.delete(id);
    }
    return this.show(id);
  }

  newKey(id: MachineId, key: string, signature: string): boolean {
    const row = this.#rows.get(id);
    // Nobody asked for it, or it is another's: then the machine goes on with the key it has.
    if (!row || !this.#rotating.has(id) || this.#byKey(key)) return false;
    if (!isSignedBy(key, newKeyText(id, key), signature)) return false;
    const detail = { id, before: row.public_key, key };
    this.#write({ ...row, public_key: key }, { event: "machine.key_changed", machine: row.name, detail });
    this.#rotating.get(id)?.();
    return true;
  }

  conflict(id: MachineId): void {
    const row = this.#rows.get(id);
    const before = this.#conflicts.get(id) ?? 0;
    this.#conflicts.set(id, Date.now());
    if (row && Date.now() - before > conflictEveryMs)
      this.#parts.audit.write({ event: "machine.conflict", machine: row.name, detail: { id } });
  }

  expectsRunners(): boolean {
    if ([...this.#rows.keys()].some((id) => id !== ownMachine)) return true;
    return this.#parts.store.openCodes(Date.now()).length > 0;
  }

  admit(publicKey: string): MachineId {
    const row = this.#byKey(publicKey);
    if (!row)
      throw this.#refused(new PaddockError("link_refused", "This hub knows no machine with that key."), publicKey);
    if (row.disabled_at !== null) throw this.#refused(new PaddockError("machine_disabled", disabledWords), publicKey);
    return row.id;
  }

  #refused(reason: PaddockError, key: string): PaddockError {
    const { code } = reason;
    const left = this.#refusals.tell(`${code} ${key}`, performance.now());
    if (left !== null) this.#parts.audit.write({ event: "machine.refused", code, detail: { key, left } });
    return reason;
  }

  attach(id: MachineId, wire: Wire): void {
    if (id === ownMachine && !this.#rows.has(id)) this.#addOwn();
    const row = this.#rows.get(id);
    if (row?.disabled_at === null) this.#parts.fleet.get(id)?.attach(wire);
    else wire.cut("the machine may not link");
  }

  seen(id: MachineId, hostname: string): void {
    const row = this.#rows.get(id);
    const now = Date.now();
    if (!row || (row.last_seen_at !== null && now - row.last_seen_at < seenEveryMs)) return;
    this.#rows.set(id, { ...row, hostname, last_seen_at: now });
    this.#parts.store.seen(id, now);
  }

  /** The hub's own machine is known from the first time that its runner has dialled. */
  #addOwn(): void {
    const { hostname, store } = this.#parts;
    const name = this.#freeName(hostname);
    const times = { enrolled_at: Date.now(), last_seen_at: null, disabled_at: null };
    const row = { id: ownMachine, name, labels: [], public_key: null, hostname, ...times };
    store.insert(row);
    this.#learn(row);
  }

  #learn(row: MachineRow): void {
    this.#rows.set(row.id, row);
    this.#parts.fleet.add(identityOf(row), row.last_seen_at);
  }

  #write(row: MachineRow, entry: Parameters<AuditSink["write"]>[0]): void {
    this.#parts.audit.mustBeWritable();
    this.#parts.audit.write(entry);
    this.#parts.store.update(row);
    this.#rows.set(row.id, row);
    this.#parts.fleet.get(row.id)?.become(identityOf(row));
  }

  #drop({ id }: MachineRow, code: "machine_disabled" | "link_refused", message: string): void {
    this.#parts.fleet.get(id)?.drop({ code, message });
  }

  #named(name: string): MachineRow {
    const rows = [...this.#rows.values()];
    const row = rows.find(({ id }) => id === name) ?? rows.find((one) => one.name === name);
    if (!row) throw notFound(name);
    return row;
  }

  #byKey(publicKey: string): MachineRow | undefined {
    return [...this.#rows.values()].find(({ public_key }) => public_key === publicKey);
  }

  #names(): Set<string> {
    return new Set([...this.#rows.values()].map(({ name }) => name));
  }

  #freeName(hostname: string): string {
    return freeName(aliasFrom(hostname), this.#names());
  }

  #refuseTaken(name: string): void {
    if (!this.#names().has(name)) return;
    throw new PaddockError("invalid_input", `Another machine is called ${name}.`, "Choose another name.");
  }

  #record(row: MachineRow): MachineRecord {
    const { online = false, lastSeenAt = null } = this.#parts.fleet.get(row.id) ?? {};
    return recordOf(row, { online, lastSeenAt, conflictAt: this.#conflicts.get(row.id) ?? null });
  }
}

const notFound = (name: string): PaddockError =>
  new PaddockError("machine_not_found", `There is no machine ${JSON.stringify(name.slice(0, 64))}.`);
