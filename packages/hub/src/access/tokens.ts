/**
 * Bearer tokens: made for somebody, shown once, kept as a hash, expiring, revocable at once. A token is 256 random bits, so
 * a fast hash is enough to keep it, and finding it by its hash tells nothing about it.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AuditSink } from "@paddock/audit";
import {
  machineField,
  newId,
  PaddockError,
  type Principal,
  type TokenId,
  type TokenScope,
  type ToolsetName,
  tokenScope,
  toolsetName,
} from "@paddock/contract";
import * as z from "zod";
import { isWeak } from "./entropy.ts";
import type { TokenRow, TokenStore } from "./store.ts";

export const tokenWish = z.strictObject({
  name: z.string().trim().min(1).max(128),
  toolset: toolsetName.default("core"),
  /** Absolute paths; every root when empty. */
  workspaces: z.array(z.string().startsWith("/").max(4096)).max(64).default([]),
  /** Names or ids; every machine when empty. */
  machines: z.array(machineField).max(64).default([]),
  scope: tokenScope.default("calls"),
  expiresInDays: z.number().positive().max(3650).default(90),
  /** A token made elsewhere; Paddock makes one when absent. */
  token: z.string().optional(),
});
export type TokenWish = z.output<typeof tokenWish>;

export interface TokenRecord {
  id: TokenId;
  name: string;
  toolset: ToolsetName;
  workspaces: string[];
  /** Ids of the machines it is for; every one when empty. */
  machines: string[];
  scope: TokenScope;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface Tokens {
  /** The token itself is in this answer and nowhere else. The wish names machines by their ids. Throws weak_token. */
  create(wish: TokenWish, now: number): TokenRecord & { token: string };
  list(): TokenRecord[];
  /** Forgets those that ended before `before`, at most `limit`; returns how many. */
  forget(before: number, limit: number): number;
  /** Ends it at once. Throws not_found. */
  revoke(id: string, now: number): TokenRecord;
  /**
   * The principal that a token stands for, or null. The same object every time, until the token ends. Throws forbidden for a
   * token that is for something else than `scope`, which is calls when absent.
   */
  principal(token: string, surface: Principal["surface"], now: number, scope?: TokenScope): Principal | null;
}

const dayMs = 86_400_000;
/** How exactly the last use is noted; noting each would be a write per call. */
const lastUseMs = 60_000;

interface Known {
  row: TokenRow;
  principals: Map<Principal["surface"], Principal>;
  notedAt: number;
}

/** `onEnd` is told of each token that ends before its time. */
export function openTokens(store: TokenStore, audit: AuditSink, onEnd: (principal: string) => void): Tokens {
  const known = new Map<string, Known>(
    store.list().map((row) => [row.hash, { row, principals: new Map(), notedAt: 0 }]),
  );
  const learn = (row: TokenRow): void => void known.set(row.hash, { row, principals: new Map(), notedAt: 0 });

  return {
    create({ name, toolset, workspaces, machines, scope, expiresInDays, token: given }, now) {
      // One that chance made without a digit looks like words; what was made here is never judged by its looks.
      if (given !== undefined && isWeak(given))
        throw new PaddockError("weak_token", "The token is too short or too regular.");
      const token = given ?? newToken();
      const row: TokenRow = {
        id: newId("tok"),
        name,
        hash: hashOf(token),
        toolset,
        workspaces,
        machines,
        scope,
        created_at: now,
        expires_at: now + Math.round(expiresInDays * dayMs),
        last_used_at: null,
        revoked_at: null,
      };
      if (known.has(row.hash)) throw new PaddockError("weak_token", "The token is in use already.");
      audit.mustBeWritable();
      audit.write({ event: "token.created", detail: { id: row.id, name, toolset, workspaces, machines, scope } });
      store.insert(row);
      learn(row);
      return { ...recordOf(row), token };
    },
    list: () => store.list().map(recordOf),
    revoke(id, now) {
      const row = store.list().find((candidate) => candidate.id === id);
      if (!row)
        throw new PaddockError(
          "not_found",
          `There is no token ${id.slice(0, 64)}.`,
          "List them with `paddock token list`.",
        );
      const revoked = { ...row, revoked_at: row.revoked_at ?? now };
      store.revoke(revoked.id, revoked.revoked_at);
      learn(revoked);
      audit.write({ event: "token.revoked", detail: { id: row.id, name: row.name } });
      onEnd(row.id);
      return recordOf(revoked);
    },
    forget(before, limit) {
      const over = [...known.values()].filter(({ row }) => endOf(row) < before).slice(0, limit);
      store.remove(over.map(({ row }) => row.id));
      for (const { row } of over) known.delete(row.hash);
      return over.length;
    },
    principal(token, surface, now, scope = "calls") {
      const digest = hashOf(token);
      const found = known.get(digest);
      if (!found || !isEqual(found.row.hash, digest) || !isValid(found.row, now)) return null;
      if (found.row.scope !== scope) throw new PaddockError("forbidden", outOfScope[found.row.scope]);
      if (now - found.notedAt > lastUseMs) {
        found.notedAt = now;
        store.used(found.row.id, now);
      }
      return principalOf(found, surface);
    },
  };
}

const outOfScope = {
  calls: "The token is for calling tools, not for this.",
  metrics: "The token reads metrics and calls nothing.",
} as const satisfies Record<TokenScope, string>;

const newToken = (): string => `pad_${randomBytes(32).toString("base64url")}`;
const hashOf = (token: string): string => hash("sha256", token);
const isEqual = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
const endOf = ({ revoked_at, expires_at }: TokenRow): number => Math.min(revoked_at ?? expires_at, expires_at);
const isValid = (row: TokenRow, now: number): boolean => row.revoked_at === null && now < row.expires_at;

function principalOf({ row, principals }: Known, surface: Principal["surface"]): Principal {
  const known = principals.get(surface);
  if (known) return known;
  const { id, name, toolset, workspaces, machines } = row;
  const named = machines.length > 0 ? { machines } : {};
  const principal: Principal = { id, name, surface, toolset, workspaces, ...named };
  principals.set(surface, principal);
  return principal;
}

const recordOf = (row: TokenRow): TokenRecord => ({
  id: row.id,
  name: row.name,
  toolset: row.toolset,
  workspaces: row.workspaces,
  machines: row.machines,
  scope: row.scope,
  createdAt: timeOf(row.created_at),
  expiresAt: timeOf(row.expires_at),
  lastUsedAt: row.last_used_at === null ? null : timeOf(row.last_used_at),
  revokedAt: row.revoked_at === null ? null : timeOf(row.revoked_at),
});

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
