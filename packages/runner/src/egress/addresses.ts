/** Which addresses a cage may be led to: the public internet, and more only where the owner has named it. */
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * How far a rule reaches: to public addresses; also to those of the owner's own networks; or to an address that the rule
 * itself names, whatever that is.
 */
export type Reach = "public" | "internal" | "named";

/** Written from IANA's registries of special-purpose addresses (RFC 6890 and what has followed). */
const internal = listOf([
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["::1", 128],
  ["fc00::", 7],
]);

/** No name leads here: "this network", link-local, documentation, benchmarks, relays, multicast, and clouds' metadata. */
const never = listOf([
  ["0.0.0.0", 8],
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["fd00:ec2::254", 128],
  ["fd20:ce::254", 128],
]);

/** All that is assigned of IPv6. What lies outside embeds other addresses (mapped, NAT64), is local, or is nothing yet. */
const assigned = listOf([["2000::", 3]]);

export function mayReach(address: string, reach: Reach): boolean {
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return false;
  if (reach === "named") return true;
  const type = family === 4 ? "ipv4" : "ipv6";
  if (never.check(address, type)) return false;
  if (internal.check(address, type) || isOwn(address)) return reach === "internal";
  return family === 4 || assigned.check(address, type);
}

/** What listens on this machine for the machine alone may listen on all of its addresses. */
const isOwn = (address: string): boolean =>
  Object.values(networkInterfaces()).some((list) => list?.some((own) => own.address === address));

function listOf(ranges: readonly (readonly [net: string, bits: number])[]): BlockList {
  const list = new BlockList();
  for (const [net, bits] of ranges) list.addSubnet(net, bits, isIP(net) === 4 ? "ipv4" : "ipv6");
  return list;
}
