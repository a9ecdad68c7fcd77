/** Which addresses a cage may be led to: what policy says, held against the addresses of this machine. */
import { networkInterfaces } from "node:os";
import { mayReach as isReachable, type Reach } from "@paddock/policy/addresses";

export type { Reach };

export const mayReach = (address: string, reach: Reach): boolean => isReachable(address, reach, ownAddresses());

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
