/** The way to a hub on another machine: whatever carries it, a wire that only that hub can share. */
import type { AuditSink } from "@paddock/audit";
import { PaddockError } from "@paddock/contract";
import { approachHub, leadsTo } from "@paddock/link/sealed";
import { openCarriers } from "./carriers.ts";
import type { Way } from "./dial.ts";
import { hubAddress } from "./hub-address.ts";
import type { JoinedHub } from "./joined.ts";
import { openOwnKey } from "./own-key.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface RemoteHub {
  /** The runner's state folder. */
  folder: string;
  joined: JoinedHub;
  audit: AuditSink;
}

export function remoteHub({ folder, joined, audit }: RemoteHub, environment: Environment): Way {
  const carriers = openCarriers(hubAddress(joined.url, joined.plain).link, environment);
  const ownKey = openOwnKey(folder, joined);
  const follow = (key: string): void => {
    audit.write({ event: "hub.key_changed", detail: { before: ownKey.hub, key } });
    ownKey.followHub(key);
  };
  return {
    ownKey,
    firstDelayMs: 250,
    longestDelayMs: 30_000,
    async dial({ yields, ready, failed }) {
      try {
        approachHub(await carriers.open(), {
          key: ownKey.next(),
          purpose: "link",
          trusts: (hubKey, before) => hubKey === ownKey.hub || leadsTo(ownKey.hub, hubKey, before),
          ready(wire, signature, hubKey) {
            if (hubKey !== ownKey.hub) follow(hubKey);
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
