/**
 * Where a request comes from, for limits on strangers and what is put on record of them: its peer, or what a reverse proxy that
 * the owner named says. Nothing else goes by it: who somebody is, and under which address the hub is reached, never do.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

export type RemoteOf = (request: Pick<IncomingMessage, "headers" | "socket">) => string;

/** Proxies in a row that are looked through; what stands before them in the header costs nothing. */
const maxProxies = 8;

/** `trusted` are addresses and networks. */
export function openRemotes(trusted: readonly string[]): RemoteOf {
  if (trusted.length === 0) return peerOf;
  const list = blockListOf(trusted);
  const isTrusted = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
  };
  return (request) => {
    let address = peerOf(request);
    const told = String(request.headers["x-forwarded-for"] ?? "").slice(-maxProxies * 64);
    // Each proxy adds its own peer at the end, so that only what a trusted one has added is believed.
    for (const next of told.split(",").toReversed().slice(0, maxProxies).map(bare)) {
      if (!isTrusted(address) || isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

const peerOf: RemoteOf = ({ socket }) => bare(socket.remoteAddress ?? "");

/** An IPv4 address is one, however it is written. */
const bare = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");

function blockListOf(trusted: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of trusted) {
    const [address = "", bits] = entry.split("/");
    const version = isIP(address) === 4 ? "ipv4" : "ipv6";
    if (bits === undefined) list.addAddress(address, version);
    else list.addSubnet(address, Number(bits), version);
  }
  return list;
}
