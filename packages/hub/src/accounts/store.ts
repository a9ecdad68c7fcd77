/** The owner's account and its sign-ins in the database: documents of a few kinds, a handful of each. */
import * as z from "zod";
import type { Database } from "../database/database.ts";

const row = z.object({
  document: z.string().transform((text) => z.record(z.string(), z.unknown()).parse(JSON.parse(text))),
});

export type Document = Record<string, unknown>;
export type AccountStore = ReturnType<typeof openAccountStore>;

export function openAccountStore(database: Database) {
  const put = database.prepare(
    `INSERT INTO account_records (kind, id, document) VALUES (?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document`,
  );
  const list = database.prepare("SELECT document FROM account_records WHERE kind = ? ORDER BY id");
  const remove = database.prepare("DELETE FROM account_records WHERE kind = ? AND id = ?");
  return {
    put: (kind: string, id: string, document: Document) =>
      void database.now(() => put.run(kind, id, JSON.stringify(document))),
    list: (kind: string): Document[] => list.all(kind).map((found) => row.parse(found).document),
    remove: (kind: string, id: string) => void database.now(() => remove.run(kind, id)),
  };
}
