/** The clients as the hub knows them. */
import { control } from "../control/request.ts";
import type { Places } from "../home.ts";

export interface Consent {
  id: string;
  client: string;
  name: string;
  redirectHost: string;
  toolset: string;
  /** Ids; every machine when empty. */
  machines: string[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface Client {
  id: string;
  name: string;
  origin: "registered" | "added";
  redirects: string[];
  createdAt: string;
}

export interface Known {
  clients: Client[];
  consents: Consent[];
}

export const knownClients = (places: Places): Promise<Known> =>
  control<Known>({ socket: places.hubControl, path: "/clients" });

export function stateOf({ revokedAt, expiresAt }: Consent): string {
  if (revokedAt !== null) return `revoked ${day(revokedAt)}`;
  return Date.parse(expiresAt) < Date.now() ? `expired ${day(expiresAt)}` : `valid until ${day(expiresAt)}`;
}

export const day = (at: string | null): string => at?.slice(0, 10) ?? "";
