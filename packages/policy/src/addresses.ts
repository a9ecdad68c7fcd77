/**
 * Which addresses a name may lead to, for whatever Paddock connects to because somebody else named it: the public internet,
 * and more only where the owner has said so.
 */

/**
 * How far a rule reaches: to public addresses; also to those of the owner's own networks; or to an address that the rule
 * itself names, whatever that is.
 */
export type Reach = "public" | "internal" | "named";

/** An address as a number of 32 or 128 bits. */
interface Bits {
  family: 4 | 6;
  value: bigint;
}

interface Range extends Bits {
  /** How many bits behind the network's own. */
  hostBits: bigint;
}

/** Written from IANA's registries of special-purpose addresses (RFC 6890 and what has followed). */
const internal = rangesOf([
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1/128",
  "fc00::/7",
]);

/** No name leads here: "this network", link-local, documentation, benchmarks, relays, multicast, and clouds' metadata. */
const never = rangesOf([
  "0.0.0.0/8",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
]);

/** All that is assigned of IPv6. What lies outside embeds other addresses (mapped, NAT64), is local, or is nothing yet. */
const assigned = rangesOf(["2000::/3"]);

/** `own` are the addresses of this machine: what listens on it for itself alone may listen on all of them. */
export function mayReach(address: string, reach: Reach, own: readonly string[]): boolean {
  const bits = bitsOf(address);
  if (bits === null) return false;
  if (reach === "named") return true;
  if (isIn(never, bits)) return false;
  if (isIn(internal, bits) || own.includes(address)) return reach === "internal";
  return bits.family === 4 || isIn(assigned, bits);
}

const isIn = (ranges: readonly Range[], { family, value }: Bits): boolean =>
  ranges.some((range) => range.family === family && value >> range.hostBits === range.value >> range.hostBits);

function rangesOf(networks: readonly string[]): Range[] {
  return networks.map((network) => {
    const [address = "", length = ""] = network.split("/");
    const bits = bitsOf(address);
    if (bits === null) throw new TypeError(`${network} is no network.`);
    return { ...bits, hostBits: BigInt((bits.family === 4 ? 32 : 128) - Number(length)) };
  });
}

/** Null for what is no address in its usual form, as sockets and name servers give it; one with a zone is none either. */
function bitsOf(address: string): Bits | null {
  const v4 = partsOfV4(address);
  if (v4) return { family: 4, value: joined(v4, 8n) };
  const v6 = partsOfV6(address);
  return v6 && { family: 6, value: joined(v6, 16n) };
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((value, part) => (value << width) | BigInt(part), 0n);
}

function partsOfV4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return null;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? numbers : null;
}

function partsOfV6(text: string): number[] | null {
  const [head = "", tail, ...more] = text.split("::");
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  if (more.length > 0 || before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

/** The groups of one side of `::`. The last may be an IPv4 address, which counts as two. */
function groupsOf(text: string): number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const v4 = partsOfV4(groups.at(-1) ?? "");
  const hex = v4 ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  const numbers = hex.map((group) => Number.parseInt(group, 16));
  return v4 ? [...numbers, ...pairsOf(v4)] : numbers;
}

function pairsOf([a = 0, b = 0, c = 0, d = 0]: readonly number[]): number[] {
  return [a * 256 + b, c * 256 + d];
}
