/** Tokens in the database; never the token itself, only its hash. */
import { type TokenId, tokenId, tokenScope, toolsetName } from "@paddock/contract";
import * as z from "zod";
import type { Database } from "../database/database.ts";

const names = z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)));

const tokenRow = z.object({
  id: tokenId,
  name: z.string(),
  /** SHA-256 in hex. */
  hash: z.string(),
  toolset: toolsetName,
  workspaces: names,
  machines: names,
  scope: tokenScope,
  created_at: z.number(),
  expires_at: z.number(),
  last_used_at: z.number().nullable(),
  revoked_at: z.number().nullable(),
});
export type TokenRow = z.output<typeof tokenRow>;

export interface TokenStore {
  insert(row: TokenRow): void;
  list(): TokenRow[];
  revoke(id: TokenId, at: number): void;
  used(id: TokenId, at: number): void;
  remove(ids: readonly TokenId[]): void;
}

export function openTokenStore(database: Database): TokenStore {
  const insert = database.prepare(
    `INSERT INTO tokens (id, name, hash, toolset, workspaces, machines, scope, created_at, expires_at, last_used_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const list = database.prepare("SELECT * FROM tokens ORDER BY id");
  const revoke = database.prepare("UPDATE tokens SET revoked_at = ? WHERE id = ?");
  const used = database.prepare("UPDATE tokens SET last_used_at = ? WHERE id = ?");
  const remove = database.prepare("DELETE FROM tokens WHERE id = ?");
  return {
    insert: (row) =>
      void database.now(() =>
        insert.run(
          row.id,
          row.name,
          row.hash,
          row.toolset,
          JSON.stringify(row.workspaces),
          JSON.stringify(row.machines),
          row.scope,
          row.created_at,
          row.expires_at,
          row.last_used_at,
          row.revoked_at,
        ),
      ),
    list: () => list.all().map((row) => tokenRow.parse(row)),
    revoke: (id, at) => void database.now(() => revoke.run(at, id)),
    used: (id, at) => void database.soon(() => used.run(at, id)),
    remove(ids) {
      if (ids.length === 0) return;
      database.now(() => {
        for (const id of ids) remove.run(id);
      });
    },
  };
}
