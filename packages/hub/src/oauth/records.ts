/**
 * Where the authorization server keeps what it issues. What somebody can cause without the owner's consent (sessions on the
 * way to it, used assertions) is held in memory and bounded; all else is in the database, by the hash of its id.
 */
import { PaddockError } from "@paddock/contract";
import type { Adapter, AdapterPayload } from "oidc-provider";
import { errors } from "oidc-provider";
import type { Clients } from "./clients.ts";
import { type Consents, hashOf } from "./consents.ts";
import type { OauthStore } from "./store.ts";

export interface RecordParts {
  issued: OauthStore["issued"];
  clients: Clients;
  consents: Consents;
}

const passing: ReadonlySet<string> = new Set(["Session", "Interaction", "ReplayDetection"]);
const maxPassing = 2_000;

/** The storage for one kind of record. */
export const recordsOf =
  (parts: RecordParts) =>
  (kind: string): Adapter => {
    if (kind === "Client") return clientRecords(parts.clients);
    return passing.has(kind) ? passingRecords() : issuedRecords(kind, parts);
  };

const clientRecords = (clients: Clients): Adapter => ({
  ...unused,
  async upsert(_id, metadata) {
    try {
      clients.register(metadata, Date.now());
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      throw new errors.CustomOIDCProviderError("temporarily_unavailable", error.message);
    }
  },
  find: async (id) => clients.metadataOf(id),
  destroy: async (id) => void clients.remove(id, Date.now()),
});

function passingRecords(): Adapter {
  const kept = new Map<string, { payload: AdapterPayload; until: number }>();
  const live = (id: string | undefined): AdapterPayload | undefined => {
    const found = id === undefined ? undefined : kept.get(id);
    return found && found.until > Date.now() ? found.payload : undefined;
  };
  return {
    ...unused,
    async upsert(id, payload, seconds = 0) {
      kept.delete(id);
      kept.set(id, { payload: structuredClone(payload), until: Date.now() + seconds * 1000 });
      const [oldest] = kept.keys();
      if (kept.size > maxPassing && oldest !== undefined) kept.delete(oldest);
    },
    find: async (id) => live(id),
    findByUid: async (uid) => live([...kept].find(([, { payload }]) => payload.uid === uid)?.[0]),
    destroy: async (id) => void kept.delete(id),
  };
}

function issuedRecords(kind: string, { issued, consents }: RecordParts): Adapter {
  return {
    ...unused,
    async upsert(id, { jti: _, ...payload }, seconds = 0) {
      const now = Date.now();
      issued.prune(now);
      // A grant is the consent that it came from, and has its id.
      const consent = kind === "Grant" ? id : String(payload.grantId);
      issued.put({ kind, id: hashOf(id), consent, payload, expires_at: now + seconds * 1000 });
    },
    async find(id) {
      const row = issued.find(kind, hashOf(id));
      if (!row || !consents.find(row.consent, Date.now())) return undefined;
      return { ...row.payload, jti: id, ...(row.consumed_at === null ? {} : { consumed: row.consumed_at / 1000 }) };
    },
    async consume(id) {
      const [digest, now] = [hashOf(id), Date.now()];
      if (issued.consume(kind, digest, now)) return;
      // Two came at the same moment: one of them is not the client's.
      const consent = issued.find(kind, digest)?.consent;
      if (consent !== undefined) consents.revoke(consent, now, `${kind} used twice`);
      throw new errors.InvalidGrant("already used");
    },
    async destroy(id) {
      if (kind === "Grant") consents.revoke(id, Date.now(), "ended by its client, or something was used twice");
      else issued.remove(kind, hashOf(id));
    },
    // A grant ends as a whole: its end takes along what was issued for it.
    async revokeByGrantId() {},
  };
}

/** What the authorization server asks for only with features that are off. */
const unused = {
  async upsert() {},
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  async consume() {},
  async destroy() {},
  async revokeByGrantId() {},
} satisfies Adapter;
