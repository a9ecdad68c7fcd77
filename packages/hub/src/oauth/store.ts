/**
 * OAuth in the database: clients, what the owner consented to, and what was issued for it. Ids of what a client holds (codes,
 * access tokens, refresh tokens) are kept as their hashes only.
 */
import { consentId, toolsetName } from "@paddock/contract";
import * as z from "zod";
import type { Database } from "../database/database.ts";

const json = (text: string): unknown => JSON.parse(text);

const consentRow = z.object({
  id: consentId,
  client: z.string(),
  name: z.string(),
  redirect_host: z.string(),
  toolset: toolsetName,
  workspaces: z.string().transform(json).pipe(z.array(z.string())),
  /** Ids; every machine when empty. */
  machines: z.string().transform(json).pipe(z.array(z.string())),
  created_at: z.number(),
  expires_at: z.number(),
  last_used_at: z.number().nullable(),
  revoked_at: z.number().nullable(),
});
export type ConsentRow = z.output<typeof consentRow>;

const clientRow = z.object({
  id: z.string(),
  /** Whether it registered itself or was added by the owner. */
  origin: z.enum(["registered", "added"]),
  metadata: z.string().transform(json).pipe(z.record(z.string(), z.unknown())),
  created_at: z.number(),
});
export type ClientRow = z.output<typeof clientRow>;

const issuedRow = z.object({
  kind: z.string(),
  /** SHA-256 in hex. */
  id: z.string(),
  consent: z.string(),
  payload: z.string().transform(json).pipe(z.record(z.string(), z.unknown())),
  consumed_at: z.number().nullable(),
  expires_at: z.number(),
});
export type IssuedRow = z.output<typeof issuedRow>;

export type OauthStore = ReturnType<typeof openOauthStore>;

export const openOauthStore = (database: Database) => ({
  clients: clientTable(database),
  consents: consentTable(database),
  issued: issuedTable(database),
});

function clientTable(database: Database) {
  const put = database.prepare("INSERT INTO oauth_clients (id, origin, metadata, created_at) VALUES (?, ?, ?, ?)");
  const find = database.prepare("SELECT * FROM oauth_clients WHERE id = ?");
  const list = database.prepare("SELECT * FROM oauth_clients ORDER BY created_at, id");
  const remove = database.prepare("DELETE FROM oauth_clients WHERE id = ?");
  const count = database.prepare("SELECT count(*) AS count FROM oauth_clients WHERE origin = 'registered'");
  const removeUnused = database.prepare(
    `DELETE FROM oauth_clients WHERE origin = 'registered' AND created_at < ?
     AND id NOT IN (SELECT client FROM consents WHERE revoked_at IS NULL AND expires_at > ?)`,
  );
  return {
    insert: ({ id, origin, metadata, created_at }: ClientRow) =>
      void database.now(() => put.run(id, origin, JSON.stringify(metadata), created_at)),
    find: (id: string): ClientRow | null => clientRow.nullable().parse(find.get(id) ?? null),
    list: (): ClientRow[] => list.all().map((row) => clientRow.parse(row)),
    remove: (id: string): boolean => database.now(() => remove.run(id).changes === 1),
    /** How many have registered themselves. */
    registered: (): number => z.object({ count: z.number() }).parse(count.get()).count,
    /** Forgets those that registered before `before` and hold no consent at `now`. */
    removeUnused: (before: number, now: number) => void database.now(() => removeUnused.run(before, now)),
  };
}

function consentTable(database: Database) {
  const insert = database.prepare(
    `INSERT INTO consents (id, client, name, redirect_host, toolset, workspaces, machines, created_at, expires_at, last_used_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)`,
  );
  const find = database.prepare("SELECT * FROM consents WHERE id = ?");
  const list = database.prepare("SELECT * FROM consents ORDER BY id");
  const revoke = database.prepare("UPDATE consents SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
  const used = database.prepare("UPDATE consents SET last_used_at = ? WHERE id = ?");
  const forget = database.prepare("DELETE FROM oauth_records WHERE consent = ?");
  const over = database.prepare("SELECT id FROM consents WHERE expires_at < ? OR revoked_at < ? LIMIT ?");
  const remove = database.prepare("DELETE FROM consents WHERE id = ?");
  return {
    insert: (row: ConsentRow) =>
      void database.now(() =>
        insert.run(
          row.id,
          row.client,
          row.name,
          row.redirect_host,
          row.toolset,
          JSON.stringify(row.workspaces),
          JSON.stringify(row.machines),
          row.created_at,
          row.expires_at,
        ),
      ),
    find: (id: string): ConsentRow | null => consentRow.nullable().parse(find.get(id) ?? null),
    list: (): ConsentRow[] => list.all().map((row) => consentRow.parse(row)),
    /** Ends it together with all that was issued for it. False when it has ended already. */
    revoke: (id: string, at: number): boolean =>
      database.now(() => {
        forget.run(id);
        return revoke.run(at, id).changes === 1;
      }),
    used: (id: string, at: number) => void database.soon(() => used.run(at, id)),
    /** Forgets those that ended before `before` with all that was issued for them, at most `limit`; returns how many. */
    forget(before: number, limit: number): number {
      const ended = over.all(before, before, limit).map((row) => z.object({ id: consentId }).parse(row).id);
      if (ended.length === 0) return 0;
      return database.now(() => {
        for (const id of ended) {
          forget.run(id);
          remove.run(id);
        }
        return ended.length;
      });
    },
  };
}

function issuedTable(database: Database) {
  const put = database.prepare(
    `INSERT INTO oauth_records (kind, id, consent, payload, consumed_at, expires_at) VALUES (?, ?, ?, ?, NULL, ?)
     ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
  );
  const find = database.prepare("SELECT * FROM oauth_records WHERE kind = ? AND id = ?");
  const remove = database.prepare("DELETE FROM oauth_records WHERE kind = ? AND id = ?");
  const consume = database.prepare(
    "UPDATE oauth_records SET consumed_at = ? WHERE kind = ? AND id = ? AND consumed_at IS NULL",
  );
  const prune = database.prepare("DELETE FROM oauth_records WHERE expires_at < ?");
  return {
    put: ({ kind, id, consent, payload, expires_at }: Omit<IssuedRow, "consumed_at">) =>
      void database.now(() => put.run(kind, id, consent, JSON.stringify(payload), expires_at)),
    find: (kind: string, id: string): IssuedRow | null => issuedRow.nullable().parse(find.get(kind, id) ?? null),
    remove: (kind: string, id: string) => void database.now(() => remove.run(kind, id)),
    /** False when somebody was faster. */
    consume: (kind: string, id: string, at: number): boolean =>
      database.now(() => consume.run(at, kind, id).changes === 1),
    prune: (now: number) => void database.now(() => prune.run(now)),
  };
}
