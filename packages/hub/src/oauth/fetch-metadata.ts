/**
 * Fetches what a client publishes about itself. The address comes from anybody, so that it may lead to public addresses
 * only, over HTTPS, to the very address that was checked, without redirects, for a short time and a small answer.
 */
import { lookup as systemLookup } from "node:dns/promises";
import type { RequestOptions } from "node:https";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { buffer } from "node:stream/consumers";
import { mayReach } from "@paddock/policy/addresses";

export type Lookup = (host: string) => Promise<readonly string[]>;

export interface FetchParts {
  /** The addresses of a name. */
  lookup?: Lookup;
  /** Whether an address may be connected to. */
  isAllowed?(address: string): boolean;
  /** Further settings of the connection: the authority that a test's server has its certificate from. */
  tls?: Pick<RequestOptions, "ca">;
  /** For everything together. */
  timeoutMs?: number;
}

const maxBytes = 64 * 1024;
const maxHeaderBytes = 16 * 1024;

/** In the form of the global function, of which it is a small part: GET, without a body. Rejects with what was wrong. */
export function guardedFetch(parts: FetchParts = {}): (address: string | URL) => Promise<Response> {
  const { lookup = lookupAll, isAllowed = isPublic, tls = {}, timeoutMs = 5_000 } = parts;
  return async (address) => {
    const url = new URL(address);
    if (url.protocol !== "https:" || url.username !== "" || url.password !== "") {
      throw new TypeError("a client describes itself under a plain https address");
    }
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const signal = AbortSignal.timeout(timeoutMs);
    const found = isIP(host) === 0 ? await within(signal, lookup(host)) : [host];
    const [first] = found;
    // A name that leads to the inside as well as to the outside is not half good.
    if (first === undefined || !found.every(isAllowed))
      throw new TypeError("the address does not lead to the internet");
    return await get(url, first, signal, tls);
  };
}

async function get(url: URL, address: string, signal: AbortSignal, tls: FetchParts["tls"]): Promise<Response> {
  const { request } = await import("node:https");
  return await new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        ...tls,
        agent: false,
        signal,
        headers: { accept: "application/json", "user-agent": "paddock" },
        maxHeaderSize: maxHeaderBytes,
        lookup: (_host, { all }, done) => {
          const family = isIP(address);
          if (all) done(null, [{ address, family }]);
          else done(null, address, family);
        },
      },
      (incoming) => {
        const { statusCode = 0, headers } = incoming;
        let bytes = 0;
        incoming.on("data", (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > maxBytes) incoming.destroy(new TypeError(`a client's description has at most ${maxBytes} bytes`));
        });
        if (statusCode !== 200) return sent.destroy(new TypeError(`the server answered with ${statusCode}`));
        const kept = ["content-type", "cache-control", "expires"].flatMap((name) => {
          const value = headers[name];
          return typeof value === "string" ? [[name, value] as [string, string]] : [];
        });
        buffer(incoming).then(
          (body) => resolve(new Response(new Uint8Array(body), { status: 200, headers: kept })),
          reject,
        );
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

const lookupAll: Lookup = async (host) => (await systemLookup(host, { all: true })).map(({ address }) => address);

const isPublic = (address: string): boolean => mayReach(address, "public", ownAddresses());

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
