/**
 * Network out of cages, only as the owner allows. A cage has a network of its own with nothing in it but one port, and what
 * connects to that port ends up here, in the door that was made for this cage.
 */
import { isIP } from "node:net";
import { PaddockError } from "@paddock/contract";
import type { Decision } from "@paddock/policy";
import type { Doorway } from "../sandbox/cage.ts";
import { mayReach } from "./addresses.ts";
import { type ContactParts, Contacts } from "./contacts.ts";
import { type Admission, Door, type DoorLimits } from "./door.ts";
import { type NetworkMode, reachBy, usualPort, type Way } from "./host-rules.ts";
import type { NetworkList } from "./network-list.ts";
import { addressesOf, type Resolve } from "./resolve.ts";
import { shownTarget, type Target } from "./target.ts";
import { type Basis, type Caller, TrafficLog } from "./traffic-log.ts";

export interface EgressParts extends ContactParts {
  mode: NetworkMode;
  list: NetworkList;
  limits: DoorLimits;
  resolve: Resolve;
  log: { error(fields: object, message: string): void };
}

/**
 * The way out for one cage; null where there is none: the mode says so, or the profile is for reading. `open` is for what the
 * owner has just allowed.
 */
export type DoorFor = (caller: Caller, mode?: "open") => Doorway | null;

export interface Egress {
  readonly mode: NetworkMode;
  readonly list: NetworkList;
  doorFor: DoorFor;
}

export function openEgress(parts: EgressParts): Egress {
  const { list, log, audit, limits } = parts;
  const contacts = new Contacts(parts);
  const doors = new Set<Door>();
  list.onChange(() => {
    for (const door of doors) door.review((target, way, basis) => isStillListed(list, target, way, basis));
  });
  return {
    mode: parts.mode,
    list,
    doorFor(caller, wanted) {
      const mode = wanted ?? parts.mode;
      if (mode === "none" || parts.profile === "readonly") return null;
      const door: Door = new Door({
        admit: (target, way, signal) => admit(parts, contacts, { caller, mode, target, way, signal }),
        log: new TrafficLog(audit, caller),
        limits,
        fault: (fault) => log.error({ err: fault }, "a connection out of a cage failed unexpectedly"),
      });
      doors.add(door);
      const close = () => {
        doors.delete(door);
        door.close();
      };
      return { accept: (connection) => door.accept(connection), close };
    },
  };
}

interface Wanted {
  caller: Caller;
  mode: NetworkMode;
  target: Target;
  way: Way;
  signal: AbortSignal;
}

/** No name is looked up before it is allowed: to ask for one is to tell whoever answers for it. */
async function admit(parts: EgressParts, contacts: Contacts, wanted: Wanted): Promise<Admission> {
  const { list, resolve } = parts;
  const { caller, mode, target, way, signal } = wanted;
  const judged = contacts.judge(caller, target);
  const listed = reachBy(list.hosts, target, way);
  if (!listed) refuseInternal(target);
  const basis = basisOf(judged.decision, listed !== null, mode === "open" && target.port === usualPort[way]);
  if (basis === "asked") await contacts.ask(caller, judged, signal);
  return { addresses: await addressesOf(target.host, listed ?? "public", resolve), basis };
}

/** An owner's rule that asks counts more than a list or a mode; the built-in one speaks about what neither names. */
function basisOf({ verdict, because }: Decision, isListed: boolean, isOpen: boolean): Basis {
  if (because.some((rule) => rule.verdict === "ask" && !rule.builtin)) return "asked";
  if (isListed) return "listed";
  if (isOpen) return "open";
  return verdict === "allow" ? "rule" : "asked";
}

/** Nobody is asked about what no answer would open. */
function refuseInternal(target: Target): void {
  const isName = isIP(target.host) === 0;
  const isLocal = target.host === "localhost" || target.host.endsWith(".localhost");
  if (isName ? !isLocal : mayReach(target.host, "public")) return;
  throw new PaddockError(
    "denied",
    `${shownTarget(target)} is not a public address, and the owner's list does not name it.`,
    `The owner can allow it on the machine: \`paddock network allow ${shownTarget(target)}\`.`,
  );
}

const isStillListed = (list: NetworkList, target: Target, way: Way, basis: Basis): boolean =>
  basis !== "listed" || reachBy(list.hosts, target, way) !== null;
