/** The way of the account library to the hub's database. What a browser holds to be signed in is kept as its hash only. */
import { hash } from "node:crypto";
import { type CleanedWhere, type CustomAdapter, createAdapterFactory } from "better-auth/adapters";
import type { AccountStore, Document } from "./store.ts";

export const accountRecords = (store: AccountStore) =>
  createAdapterFactory({
    config: {
      adapterId: "paddock",
      adapterName: "Paddock",
      supportsBooleans: false,
      supportsDates: false,
      supportsJSON: false,
      transaction: false,
    },
    adapter: () => operations(store),
  });

const operations = (store: AccountStore): CustomAdapter => {
  const found = (kind: string, where: readonly CleanedWhere[] = []): Document[] => {
    const wanted = where.map((clause) => [clause.field, keptValue(kind, clause)] as const);
    return store.list(kind).filter((document) => wanted.every(([field, value]) => document[field] === value));
  };
  const change = (kind: string, where: readonly CleanedWhere[], changes: object): Document[] =>
    found(kind, where).map((document) => {
      const changed = { ...document, ...changes };
      store.put(kind, String(document.id), changed);
      return changed;
    });
  const remove = (kind: string, where: readonly CleanedWhere[]): number => {
    const gone = found(kind, where);
    for (const { id } of gone) store.remove(kind, String(id));
    return gone.length;
  };
  return {
    async create({ model, data }) {
      const document = isSecret(model, "token") ? { ...data, token: hashOf(data.token) } : data;
      store.put(model, String(data.id), document);
      return data;
    },
    update: async ({ model, where, update }) => as(change(model, where, update as object)[0] ?? null),
    updateMany: async ({ model, where, update }) => change(model, where, update).length,
    findOne: async ({ model, where }) => as(withSecret(model, where, found(model, where)[0] ?? null)),
    findMany: async ({ model, where, limit }) =>
      as(
        found(model, where)
          .slice(0, limit)
          .map((document) => withSecret(model, where ?? [], document)),
      ),
    delete: async ({ model, where }) => void remove(model, where),
    deleteMany: async ({ model, where }) => remove(model, where),
    count: async ({ model, where }) => found(model, where).length,
  };
};

/** The library says what it expects; what is there was written by itself. */
const as = <T>(value: unknown): T => value as T;

const isSecret = (kind: string, field: string): boolean => kind === "session" && field === "token";

const hashOf = (token: unknown): string => hash("sha256", String(token));

function keptValue(kind: string, { field, value, operator, connector }: CleanedWhere): unknown {
  if (operator !== "eq" || connector !== "AND")
    throw new Error(`Accounts are not looked up by ${operator} and ${connector}.`);
  return isSecret(kind, field) ? hashOf(value) : value;
}

/** Whoever asked by the secret gets it back; to others it stays its hash. */
function withSecret(kind: string, where: readonly CleanedWhere[], document: Document | null): Document | null {
  const asked = where.find(({ field }) => isSecret(kind, field));
  return document && asked ? { ...document, token: asked.value } : document;
}
