/**
 * What the owner consented to: that a client may use Paddock, with which tools and until when. A consent is to an OAuth
 * client what a token is to others: the same ceiling, the same end, one kind of principal.
 */
import { hash } from "node:crypto";
import type { AuditSink } from "@paddock/audit";
import { type ConsentId, PaddockError, type Principal, type TokenScope, type ToolsetName } from "@paddock/contract";
import * as z from "zod";
import type { ConsentRow, OauthStore } from "./store.ts";

export interface ConsentRecord {
  id: ConsentId;
  /** The client's id, which is an address for one that describes itself there. */
  client: string;
  name: string;
  redirectHost: string;
  toolset: ToolsetName;
  workspaces: string[];
  /** Ids of the machines it is for; every one when empty. */
  machines: string[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export type NewConsent = Pick<
  ConsentRow,
  "id" | "client" | "name" | "redirect_host" | "toolset" | "workspaces" | "machines" | "created_at" | "expires_at"
>;

export interface Consents {
  give(consent: NewConsent): void;
  /** A consent that is in force, or null. */
  find(id: string, now: number): ConsentRecord | null;
  list(): ConsentRecord[];
  /** Forgets those that ended before `before`, at most `limit`, and what was issued and is over; returns how many consents. */
  forget(before: number, limit: number): number;
  /** Ends it at once, with all that was issued for it. Throws not_found; one that has ended already stays as it is. */
  revoke(id: string, now: number, why: string): ConsentRecord;
  /** The principal of an access token, or null. The same object every time, until the consent ends. */
  principal(token: string, surface: Principal["surface"], now: number, scope?: TokenScope): Principal | null;
}

export interface ConsentParts {
  store: Pick<OauthStore, "consents" | "issued">;
  audit: AuditSink;
  /** Told of each that ends before its time. */
  onEnd(principal: string): void;
  /** What an access token must have been issued for to be good on this surface; null when none is. */
  audienceOf(surface: Principal["surface"]): string | null;
}

/** What is known of an access token that was shown before. */
interface Known {
  consent: ConsentRow;
  audience: string;
  expiresAt: number;
  notedAt: number;
  principals: Map<Principal["surface"], Principal>;
}

const issued = z.object({ aud: z.string() });

const maxKnown = 4_096;
/** How exactly the last use is noted; noting each would be a write per call. */
const lastUseMs = 60_000;

export const hashOf = (secret: string): string => hash("sha256", secret);

export const openConsents = (parts: ConsentParts): Consents => new KeptConsents(parts);

class KeptConsents implements Consents {
  readonly #parts: ConsentParts;
  readonly #known = new Map<string, Known>();

  constructor(parts: ConsentParts) {
    this.#parts = parts;
  }

  give(consent: NewConsent): void {
    const { id, client, name, redirect_host, toolset, machines } = consent;
    this.#parts.audit.mustBeWritable();
    this.#parts.audit.write({
      event: "consent.given",
      principal: id,
      detail: { client: client.slice(0, 512), name, redirectHost: redirect_host, toolset, machines },
    });
    this.#parts.store.consents.insert({ ...consent, last_used_at: null, revoked_at: null });
  }

  find(id: string, now: number): ConsentRecord | null {
    const row = this.#parts.store.consents.find(id);
    return row && isValid(row, now) ? recordOf(row) : null;
  }

  list(): ConsentRecord[] {
    return this.#parts.store.consents.list().map(recordOf);
  }

  forget(before: number, limit: number): number {
    const { consents, issued: tokens } = this.#parts.store;
    tokens.prune(before);
    return consents.forget(before, limit);
  }

  revoke(id: string, now: number, why: string): ConsentRecord {
    const { store, audit, onEnd } = this.#parts;
    const row = store.consents.find(id);
    if (!row) throw new PaddockError("not_found", `There is no consent ${id.slice(0, 64)}.`);
    for (const [digest, { consent }] of this.#known) if (consent.id === id) this.#known.delete(digest);
    if (store.consents.revoke(row.id, now)) {
      audit.write({ event: "consent.revoked", principal: row.id, detail: { name: row.name, why } });
      onEnd(row.id);
    }
    return recordOf({ ...row, revoked_at: row.revoked_at ?? now });
  }

  principal(token: string, surface: Principal["surface"], now: number, scope: TokenScope = "calls"): Principal | null {
    const found = this.#found(hashOf(token));
    if (!found || now >= found.expiresAt || !isValid(found.consent, now)) return null;
    if (found.audience !== this.#parts.audienceOf(surface)) return null;
    if (scope !== "calls")
      throw new PaddockError("forbidden", "A client that was let in calls tools, and nothing else.");
    if (now - found.notedAt > lastUseMs) {
      found.notedAt = now;
      this.#parts.store.consents.used(found.consent.id, now);
    }
    return principalOf(found, surface);
  }

  #found(id: string): Known | null {
    const known = this.#known.get(id);
    if (known) return known;
    const row = this.#parts.store.issued.find("AccessToken", id);
    const consent = row && this.#parts.store.consents.find(row.consent);
    const payload = issued.safeParse(row?.payload);
    if (!row || !consent || !payload.success) return null;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= maxKnown && oldest !== undefined) this.#known.delete(oldest);
    const learnt = {
      consent,
      audience: payload.data.aud,
      expiresAt: row.expires_at,
      notedAt: 0,
      principals: new Map(),
    };
    this.#known.set(id, learnt);
    return learnt;
  }
}

const isValid = ({ revoked_at, expires_at }: ConsentRow, now: number): boolean =>
  revoked_at === null && now < expires_at;

function principalOf({ consent, principals }: Known, surface: Principal["surface"]): Principal {
  const known = principals.get(surface);
  if (known) return known;
  const { id, name, toolset, workspaces, machines } = consent;
  const named = machines.length > 0 ? { machines } : {};
  const principal: Principal = { id, name, surface, toolset, workspaces, ...named };
  principals.set(surface, principal);
  return principal;
}

const recordOf = (row: ConsentRow): ConsentRecord => ({
  id: row.id,
  client: row.client,
  name: row.name,
  redirectHost: row.redirect_host,
  toolset: row.toolset,
  workspaces: row.workspaces,
  machines: row.machines,
  createdAt: timeOf(row.created_at),
  expiresAt: timeOf(row.expires_at),
  lastUsedAt: row.last_used_at === null ? null : timeOf(row.last_used_at),
  revokedAt: row.revoked_at === null ? null : timeOf(row.revoked_at),
});

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
