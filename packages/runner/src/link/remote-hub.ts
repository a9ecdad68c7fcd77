/** The way to a hub on another machine: whatever carries it, a wire that only that hub can share. */
import { PaddockError } from "@paddock/contract";
import { approachHub, keyFromPem } from "@paddock/link/sealed";
import { openCarriers } from "./carriers.ts";
import type { Way } from "./dial.ts";
import { hubAddress } from "./hub-address.ts";
import type { JoinedHub } from "./joined.ts";

export function remoteHub(joined: JoinedHub, environment: Readonly<Record<string, string | undefined>>): Way {
  const carriers = openCarriers(hubAddress(joined.url, joined.plain).link, environment);
  const key = keyFromPem(joined.key);
  return {
    firstDelayMs: 250,
    longestDelayMs: 30_000,
    async dial({ yields, ready, failed }) {
      try {
        approachHub(await carriers.open(), {
          key,
          purpose: "link",
          trusts: (hubKey) => hubKey === joined.hub,
          ready(wire, signature) {
            carriers.fruitful();
            wire.text(JSON.stringify({ type: "prove", signature, yields }));
            ready(wire);
          },
          failed(reason) {
            if (reason.code === "hub_unreachable") carriers.fruitless();
            failed(reason);
          },
        });
      } catch (error) {
        if (!(error instanceof PaddockError)) throw error;
        failed(error);
      }
    },
  };
}
