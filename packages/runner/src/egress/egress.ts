/**
 * Network out of cages, only as the owner allows. A cage has a network of its own with nothing in it but one port, and what
 * connects to that port ends up here, in the door that was made for this cage.
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { PaddockError } from "@paddock/contract";
import type { Log } from "../log.ts";
import type { Doorway } from "../sandbox/cage.ts";
import { mayReach } from "./addresses.ts";
import { type AskingParts, isOwnersQuestion } from "./asking.ts";
import { type Contact, type ContactParts, Contacts } from "./contacts.ts";
import {
  type Admission,
  Door,
  type DoorLimits,
  type DoorParts,
  type Errand,
  type HttpErrand,
  maxHeaderBytes,
} from "./door.ts";
import { askedBy, forward } from "./forward.ts";
import { type NetworkMode, reachBy, usualPort, type Way } from "./host-rules.ts";
import type { NetworkList } from "./network-list.ts";
import { Pauses } from "./pauses.ts";
import {
  admitGit,
  type GatewayParts,
  gitEnvironment,
  gitRequestOf,
  isForGit,
  sendGit,
} from "./repositories/gateway.ts";
import { type RepositoryList, urlOf } from "./repositories/repository-list.ts";
import { addressesOf } from "./resolve.ts";
import { shownTarget, type Target } from "./target.ts";
import { type Basis, type Caller, TrafficLog } from "./traffic-log.ts";

export interface EgressParts extends Omit<ContactParts & GatewayParts, "pauses"> {
  mode: NetworkMode;
  limits: DoorLimits;
  log: Pick<Log, "warn" | "error">;
}

type Parts = EgressParts & AskingParts;

/**
 * The way out for one cage; null where there is none: the mode says so, or the profile is for reading. `open` is for what the
 * owner has just allowed.
 */
export type DoorFor = (caller: Caller, mode?: "open") => Doorway | null;

export interface Egress {
  readonly mode: NetworkMode;
  readonly list: NetworkList;
  readonly repositories: RepositoryList;
  doorFor: DoorFor;
  readonly pauses: Pauses;
}

export function openEgress(given: EgressParts): Egress {
  const parts = { ...given, pauses: new Pauses() };
  const { list, repositories, audit, pauses } = parts;
  const contacts = new Contacts(parts);
  const doors = new Set<Door>();
  list.onChange(() => {
    for (const door of doors) door.review((target, way, basis) => isStillListed(list, target, way, basis));
  });
  return {
    mode: parts.mode,
    list,
    repositories,
    pauses,
    doorFor(caller, wanted) {
      const mode = wanted ?? parts.mode;
      if (mode === "none" || parts.profile === "readonly") return null;
      const errands = errandsOf(parts, contacts, { caller, mode });
      const door = new Door({ ...errands, log: new TrafficLog(audit, caller), ...boundsOf(parts) });
      doors.add(door);
      const close = () => {
        doors.delete(door);
        door.close();
      };
      return {
        accept: (connection) => door.accept(connection),
        lost: () => parts.log.warn({ domain: caller.domain }, "a cage has no network: its port could not be opened"),
        env: gitEnvironment(repositories.all),
        close,
      };
    },
  };
}

const boundsOf = ({ limits, log }: EgressParts) => ({
  limits,
  fault: (fault: unknown) => log.error({ err: fault }, "a connection out of a cage failed unexpectedly"),
});

interface Here {
  caller: Caller;
  mode: NetworkMode;
}

function errandsOf(parts: Parts, contacts: Contacts, here: Here): Pick<DoorParts, "tunnelTo" | "errandOf"> {
  const to = (target: Target, way: Way): Errand => ({
    ...{ target, way, what: shownTarget(target) },
    admit: (signal) => admit(parts, contacts, { ...here, target, way, signal }),
  });
  return {
    tunnelTo: (target) => to(target, "tunnel"),
    errandOf(request) {
      if (isForGit(request)) return gitErrand(parts, here, request);
      const asked = askedBy(request);
      return {
        ...to(asked.target, "plain"),
        send: (response, upstream, signal) => forward(request, response, asked, { upstream, maxHeaderBytes, signal }),
      };
    },
  };
}

function gitErrand(parts: Parts, { caller }: Here, request: IncomingMessage): HttpErrand {
  const asked = gitRequestOf(request, parts.repositories);
  return {
    ...{ target: asked.target, way: "git", what: urlOf(asked.repository) },
    admit: (signal) => admitGit(parts, { caller, request, asked, signal }),
    send: (response, upstream, signal) => sendGit({ request, response, asked }, { upstream, signal }),
  };
}

interface Wanted extends Here {
  target: Target;
  way: Way;
  signal: AbortSignal;
}

/** No name is looked up before it is allowed: to ask for one is to tell whoever answers for it. */
async function admit(parts: Parts, contacts: Contacts, wanted: Wanted): Promise<Admission> {
  const { list, resolve, repositories } = parts;
  const { caller, mode, target, way, signal } = wanted;
  if (repositories.all.some(({ host }) => host === target.host)) throw onlyForGit(target);
  const contact = contacts.judge(caller, target);
  const listed = reachBy(list.hosts, target, way);
  if (!listed) refuseInternal(target);
  const basis = basisOf(contact, listed !== null, mode === "open" && target.port === usualPort[way]);
  if (basis === "asked") await contacts.ask(caller, contact, signal);
  return { addresses: await addressesOf(target.host, listed ?? "public", resolve), basis };
}

/** Otherwise a login of the agent's own would do there what the owner's is kept from. */
const onlyForGit = (target: Target): PaddockError =>
  new PaddockError(
    "denied",
    `${shownTarget(target)} is reached by git alone, in the repositories that the owner fixed.`,
  );

/** An owner's rule that asks counts more than a list or a mode. */
function basisOf(contact: Contact, isListed: boolean, isOpen: boolean): Basis {
  if (isOwnersQuestion(contact)) return "asked";
  if (isListed) return "listed";
  if (isOpen) return "open";
  return contact.decision.verdict === "allow" ? "rule" : "asked";
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
