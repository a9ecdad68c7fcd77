/** The names that OAuth knows this hub by. They come from the settings alone, whatever a request says of itself. */
import type { Principal } from "@paddock/contract";

export interface Issuer {
  /** The origin, without a slash at its end. */
  url: string;
  resources: Readonly<Record<"mcp" | "api", string>>;
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Null where signing in is not offered: an address that is neither encrypted nor on this machine, or that is not the whole
 * of its origin, which clients would look for in other places.
 */
export function issuerOf(publicUrl: string): Issuer | null {
  const { protocol, hostname, pathname, search, username, password, origin } = new URL(publicUrl);
  const isPlain = pathname === "/" && search === "" && username === "" && password === "";
  if (!isPlain || !(protocol === "https:" || loopback.has(hostname))) return null;
  return { url: origin, resources: { mcp: `${origin}/mcp`, api: `${origin}/api` } };
}

/** What a token must have been issued for to be good on a surface; one for nothing is good nowhere. */
export const audienceOn = (issuer: Issuer | null, surface: Principal["surface"]): string | null =>
  issuer && surface in surfaces ? issuer.resources[surfaces[surface as keyof typeof surfaces]] : null;

const surfaces = { mcp: "mcp", rest: "api" } as const;
