/**
 * Answers that hold for some minutes: for the very same request of the same caller, or for every tool of one bridged server.
 * They live in memory and end with the runner, with their caller's token, when the owner takes them back, and when their time
 * is over by either clock: the machine's own, and the one that nobody can set.
 */
import { type Assurance, isWorth, newId, PaddockError } from "@paddock/contract";
import type { Decision, Request } from "@paddock/policy";
import { digestOf } from "./digest.ts";

export interface Grant {
  id: string;
  principal: string;
  workspace: string;
  /** The tool of the very same request, or the bridged server whose tools are all covered. */
  covers: { tool: string } | { server: string };
  /** Milliseconds since the epoch. */
  until: number;
}

/** What a grant would stand for: `key` is the digest of every fact of the request. */
export interface Grantable {
  request: Request;
  key: string;
  /** What its answer must be worth. */
  decision: Pick<Decision, "assurance">;
}

export interface Grants {
  /** Never where the caller itself wants its owner to be asked, or where more is wanted than was when it was granted. */
  covering(about: Grantable): Grant | null;
  covers(about: Grantable): boolean;
  /** For the very same request, or for all tools of its bridged server. */
  add(about: Grantable, minutes: number, scope: "request" | "server"): Grant;
  list(): Grant[];
  /** Throws not_found when it is over or never was. */
  revoke(id: string): Grant;
  /** What a principal was granted is over. */
  end(principal: string): void;
  /** All are over: for rules that have become stricter. */
  endAll(): void;
}

interface Kept {
  grant: Grant;
  key: string;
  worth: Assurance;
  /** On the clock that nobody can set. */
  endsAt: number;
}

export interface Clocks {
  wall(): number;
  steady(): number;
}

const clocks: Clocks = { wall: Date.now, steady: () => performance.now() };

export function openGrants({ wall, steady }: Clocks = clocks): Grants {
  const kept = new Map<string, Kept>();
  const live = (): Kept[] => {
    for (const [id, { grant, endsAt }] of kept) if (grant.until <= wall() || endsAt <= steady()) kept.delete(id);
    return [...kept.values()];
  };
  const covering = (about: Grantable): Grant | null => {
    if (kept.size === 0 || about.request.wants.confirm) return null;
    const keys = new Set([about.key, serverKey(about)]);
    const found = live().find(({ key, worth }) => keys.has(key) && isWorth(worth, about.decision.assurance));
    return found?.grant ?? null;
  };
  return {
    covering,
    covers: (about) => covering(about) !== null,
    add(about, minutes, scope) {
      const { principal, workspace, tool, wants } = about.request;
      const key = scope === "server" ? serverKey(about) : about.key;
      const covers = scope === "server" && wants.server !== undefined ? { server: wants.server } : { tool };
      const grant = { id: newId("grt"), principal, workspace, covers, until: wall() + minutes * 60_000 };
      const worth = about.decision.assurance;
      kept.set(grant.id, { grant, key, worth, endsAt: steady() + minutes * 60_000 });
      return grant;
    },
    list: () => live().map(({ grant }) => grant),
    revoke(id) {
      const found = live().find(({ grant }) => grant.id === id);
      if (!found) throw new PaddockError("not_found", "There is no such grant.", "`paddock grant list` shows them.");
      kept.delete(id);
      return found.grant;
    },
    end(principal) {
      for (const [id, { grant }] of kept) if (grant.principal === principal) kept.delete(id);
    },
    endAll: () => kept.clear(),
  };
}

/** The key of the request itself where it is for no bridged server. */
function serverKey({ request, key }: Grantable): string {
  const { principal, workspace, profile, wants } = request;
  return wants.server === undefined ? key : digestOf({ server: wants.server, principal, workspace, profile });
}
