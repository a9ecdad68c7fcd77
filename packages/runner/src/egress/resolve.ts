/** Turns a target into the addresses that are connected to: looked up once, checked all, and never looked up again. */
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { PaddockError } from "@paddock/contract";
import { mayReach, type Reach } from "./addresses.ts";

/** The addresses of a name; none when it has none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const mostAddresses = 8;

/** Asks the name servers that this machine asks. A name in /etc/hosts is not looked up there. */
export function systemResolver(timeoutMs: number): Resolve {
  return async (name) => {
    if (name === "localhost" || name.endsWith(".localhost")) return ["127.0.0.1", "::1"];
    const resolver = new Resolver({ timeout: timeoutMs / 2, tries: 2 });
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  };
}

/**
 * Throws unavailable for a name without addresses, and denied when any of them is not to be reached: a name that leads to
 * the inside as well as to the outside is not half good.
 */
export async function addressesOf(host: string, reach: Reach, resolve: Resolve): Promise<readonly string[]> {
  const found = isIP(host) === 0 ? await resolve(host) : [host];
  if (found.length === 0) throw new PaddockError("unavailable", `No address is known for ${host}.`, "Check the name.");
  const bad = found.find((address) => !mayReach(address, reach));
  if (bad === undefined) return found.slice(0, mostAddresses);
  throw new PaddockError(
    "denied",
    isIP(host) === 0 ? `${host} leads to ${bad}, which is not a public address.` : `${host} is not a public address.`,
    "The owner can allow it on the machine: `paddock network allow HOST --internal`, or the address itself.",
  );
}
