/** The OAuth clients that are kept here: those that registered themselves, and those that the owner added. */
import { randomBytes } from "node:crypto";
import type { AuditSink } from "@paddock/audit";
import { PaddockError } from "@paddock/contract";
import type { AdapterPayload } from "oidc-provider";
import * as z from "zod";
import { hashOf } from "./consents.ts";
import type { ClientRow, OauthStore } from "./store.ts";

export const clientWish = z.strictObject({
  name: z.string().trim().min(1).max(128),
  redirects: z.array(z.string().min(1).max(2_048)).min(1).max(16),
  /** How it shows a secret; it has none when absent, and proves itself by PKCE alone. */
  secret: z.enum(["post", "basic"]).optional(),
});
export type ClientWish = z.output<typeof clientWish>;

export interface ClientRecord {
  id: string;
  name: string;
  origin: ClientRow["origin"];
  redirects: string[];
  createdAt: string;
}

export interface Clients {
  /** Keeps a client that has registered itself. Throws rate_limited when there are too many. */
  register(metadata: AdapterPayload, now: number): void;
  /** The secret, if it has one, is in this answer and nowhere else. */
  add(wish: ClientWish, now: number): ClientRecord & { secret?: string };
  list(): ClientRecord[];
  find(id: string): ClientRecord | null;
  /** False when there is none of this id. */
  remove(id: string, now: number): boolean;
  /** As the authorization server wants it; the secret is its hash. */
  metadataOf(id: string): AdapterPayload | undefined;
}

/** A name before what is random: nobody has to type an id that begins with a dash. */
export const newClientId = (): string => `client-${randomBytes(12).toString("base64url")}`;

const maxRegistered = 1_000;
/** Longer than anybody needs from the registration to the owner's consent. */
const unusedMs = 10 * 60_000;
const shown = z.object({ client_name: z.string().catch(""), redirect_uris: z.array(z.string()).catch([]) });

export function openClients(store: OauthStore["clients"], audit: AuditSink): Clients {
  const keep = (origin: ClientRow["origin"], metadata: AdapterPayload, now: number): ClientRow => {
    const { client_secret: secret, ...rest } = metadata;
    const id = String(metadata.client_id);
    const kept = { ...rest, ...(typeof secret === "string" ? { client_secret: hashOf(secret) } : {}) };
    const row = { id, origin, metadata: kept, created_at: now };
    audit.mustBeWritable();
    audit.write({ event: "client.registered", detail: { id, origin, name: recordOf(row).name } });
    store.insert(row);
    return row;
  };
  return {
    register(metadata, now) {
      if (store.registered() >= maxRegistered) store.removeUnused(now - unusedMs, now);
      if (store.registered() >= maxRegistered)
        throw new PaddockError("rate_limited", "Too many clients have registered.");
      keep("registered", metadata, now);
    },
    add({ name, redirects, secret: method }, now) {
      const secret = method && randomBytes(32).toString("base64url");
      const metadata = {
        client_id: newClientId(),
        client_name: name,
        redirect_uris: redirects,
        token_endpoint_auth_method: method ? (`client_secret_${method}` as const) : ("none" as const),
        grant_types: ["authorization_code", "refresh_token"],
        ...(secret ? { client_secret: secret } : {}),
      };
      return { ...recordOf(keep("added", metadata, now)), ...(secret ? { secret } : {}) };
    },
    list: () => store.list().map(recordOf),
    find(id) {
      const row = store.find(id);
      return row && recordOf(row);
    },
    remove(id, now) {
      const removed = store.remove(id);
      if (removed) audit.write({ event: "client.removed", detail: { id, at: now } });
      return removed;
    },
    metadataOf: (id) => store.find(id)?.metadata,
  };
}

function recordOf({ id, origin, metadata, created_at }: ClientRow): ClientRecord {
  const { client_name: name, redirect_uris: redirects } = shown.parse(metadata);
  return { id, name: name.slice(0, 128), origin, redirects, createdAt: new Date(created_at).toISOString() };
}
