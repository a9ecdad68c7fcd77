/**
 * The keys by which hub and machine know each other. The machine's becomes another in steps: the next one is kept before the hub is
 * told of it, so that whichever of the two the hub knows after a crash is there. The hub's is followed once it has proved it.
 */
import { newKeyText } from "@paddock/contract/link";
import { keyFromPem, type LinkKey, newKey, writePrivate } from "@paddock/link/sealed";
import { type JoinedHub, joinedFile } from "./joined.ts";

export interface OwnKey {
  /** The hub's public key. */
  readonly hub: string;
  /** The hub has proved that it has that key now. */
  followHub(publicKey: string): void;
  /** There are two, one of which the hub knows: a refusal of one says nothing of the other. */
  readonly isInDoubt: boolean;
  /** The one to come with. After a crash in between the two take turns, until the hub takes one. */
  next(): LinkKey;
  /** The hub has taken this machine with the key it came with last. */
  wasTaken(): void;
  /** A new key and the proof that this machine has it; the same until the hub has decided, which may know it by now. */
  offer(): { key: string; signature: string };
  /** The hub knows the machine by that key from now on. */
  changed(publicKey: string): void;
}

export function openOwnKey(folder: string, joined: JoinedHub): OwnKey {
  let kept = joined;
  let used = keyFromPem(kept.key);
  const keep = (next: JoinedHub): void => {
    kept = next;
    writePrivate(joinedFile(folder), JSON.stringify(kept));
  };
  const settle = (key: LinkKey): void => {
    const { nextKey: _, ...rest } = kept;
    used = key;
    keep({ ...rest, key: key.pem });
  };
  return {
    get hub() {
      return kept.hub;
    },
    followHub: (hub) => keep({ ...kept, hub }),
    get isInDoubt() {
      return kept.nextKey !== undefined;
    },
    next() {
      if (kept.nextKey !== undefined) used = keyFromPem(used.pem === kept.nextKey ? kept.key : kept.nextKey);
      return used;
    },
    wasTaken() {
      if (kept.nextKey !== undefined) settle(used);
    },
    offer() {
      const fresh = kept.nextKey === undefined ? newKey() : keyFromPem(kept.nextKey);
      if (kept.nextKey === undefined) keep({ ...kept, nextKey: fresh.pem });
      return { key: fresh.publicKey, signature: fresh.sign(newKeyText(kept.machine, fresh.publicKey)) };
    },
    changed(publicKey) {
      const fresh = kept.nextKey === undefined ? null : keyFromPem(kept.nextKey);
      if (fresh?.publicKey === publicKey) settle(fresh);
    },
  };
}
