/** Checks of the way from a client to this hub, hop by hop: tunnel, public address, what became of calls, machines. */
import { lastRecords } from "@paddock/audit";
import type { AuditRecord } from "@paddock/contract";
import { folderOf } from "../audit/logs.ts";
import { control, whenRunning } from "../control/request.ts";
import type { TunnelStatus } from "../tunnel/tunnel.ts";
import { type Check, type Finding, fail, ok, type Patient, warn } from "./finding.ts";
import { machines } from "./machines-elsewhere.ts";
import { examineAddress } from "./public-address.ts";
import { validConfig } from "./settings.ts";

const tunnel: Check = async (patient) => {
  const found = await whenRunning(control<TunnelStatus>({ socket: patient.places.tunnelControl, path: "/" }));
  if (!found) return null;
  const { kind, state, since, reason, address } = found;
  if (state !== "up") {
    const why = reason === null ? "" : `: ${reason}`;
    return fail(`the ${kind} tunnel is down since ${clock(since)}${why}`, "It is tried again; its own words say more.");
  }
  const publicUrl = validConfig(patient)?.values.public_url;
  if (address === null || (publicUrl !== undefined && new URL(publicUrl).origin === new URL(address).origin))
    return ok(`the ${kind} tunnel is up`);
  return fail(
    `the ${kind} tunnel leads from ${address}, but the hub goes by ${publicUrl ?? "no public address"}`,
    `Start Paddock with it: paddock up --public-url ${address}`,
  );
};

/** Only while the hub runs: else it is what fails. */
const publicAddress: Check = async (patient) => {
  const publicUrl = validConfig(patient)?.values.public_url;
  const hub = await whenRunning(control({ socket: patient.places.hubControl, path: "/status" }));
  return publicUrl === undefined || hub === null ? null : examineAddress(publicUrl);
};

/** A token, or a consent of a client that signed in. */
interface Grant {
  lastUsedAt: string | null;
  revokedAt: string | null;
  expiresAt: string;
}

/** Null while no hub runs. */
async function grantsAt({ hubControl: socket }: Patient["places"]): Promise<Grant[] | null> {
  const found = await whenRunning(
    Promise.all([
      control<{ tokens: Grant[] }>({ socket, path: "/tokens" }),
      control<{ consents: Grant[] }>({ socket, path: "/clients" }),
    ]),
  );
  return found && [...found[0].tokens, ...found[1].consents];
}

/** Tells apart that no client ever called, that Paddock refused and why, and that calls arrive. */
const clients: Check = async ({ places }) => {
  const grants = await grantsAt(places);
  if (!grants) return null;
  if (hasCalled(places, grants)) return ok("a client has called with a valid credential");
  const valid = grants.filter(({ revokedAt, expiresAt }) => !revokedAt && Date.parse(expiresAt) > Date.now());
  if (refusals(places).length > 0) {
    return warn("clients called, and not one was let in", "What was refused last stands below.");
  }
  if (valid.length === 0) {
    return warn(
      "no client has a token or was let in yet",
      "Let one sign in (`paddock connect CLIENT`), or make a token: paddock token create --name laptop",
    );
  }
  return warn(
    "no client has called yet",
    "Check the address in the client, and that its connector is switched on for the chat.",
  );
};

/** Grants that ended are forgotten after a while; what they called may be on record. */
const hasCalled = (places: Patient["places"], grants: readonly Grant[]): boolean =>
  grants.some(({ lastUsedAt }) => lastUsedAt !== null) ||
  lastRecords(folderOf(places, "hub"), readRecords).some(isOfClient);

const isOfClient = ({ event, surface }: AuditRecord): boolean =>
  event === "call.received" && (surface === "mcp" || surface === "rest");

const readRecords = 1_000;
const recentMs = 24 * 60 * 60_000;

/** Of the last day, the latest first. */
const refusals = (places: Patient["places"]): AuditRecord[] =>
  lastRecords(folderOf(places, "hub"), readRecords)
    .filter(({ event }) => event === "request.refused" || event === "credential.failed")
    .filter(({ at }) => Date.parse(at) > Date.now() - recentMs)
    .toReversed();

const refused: Check = async ({ places }) => {
  const [latest] = refusals(places);
  return latest ? saidOf(latest) : null;
};

type Detail = Readonly<Record<string, unknown>>;

/** Why the hub refuses, and what helps; by the code on record. */
const reasons: Readonly<Record<string, (detail: Detail) => readonly [why: string, nextStep: string]>> = {
  wrong_host: ({ host }) => [
    `it named the host ${JSON.stringify(host)}, which is not this hub's`,
    "Use the address of `paddock status` in the client, or set `public_url` to the one that it uses.",
  ],
  wrong_origin: ({ origin }) => [
    `it came from a page of ${JSON.stringify(origin)}`,
    "Add that origin to `allowed_origins` if you trust it.",
  ],
  unauthorized: () => [
    "it brought no credential",
    "Connect the client anew with a token or by signing in: `paddock connect CLIENT` shows how.",
  ],
  session_lost: () => [
    "its session was none of this hub's",
    "A client that does not begin a new one by itself needs a new chat, or to be connected anew.",
  ],
  rate_limited: () => [
    "too many wrong credentials came from its address",
    "Correct them in the client, then wait a minute.",
  ],
};

function saidOf({ event, at, code, detail }: AuditRecord): Finding {
  const [why, nextStep] =
    event === "credential.failed"
      ? [
          "its credential is wrong, expired or revoked",
          "Give the client a token of `paddock token create`, after `Bearer `.",
        ]
      : (reasons[code ?? ""]?.((detail ?? {}) as Detail) ?? [`${code}`, "See `paddock audit tail`."]);
  return warn(`the last call that was refused came at ${clock(at)}: ${why}`, nextStep);
}

const clock = (iso: string): string => iso.slice(0, 19).replace("T", " ");

export const reachChecks: readonly Check[] = [tunnel, publicAddress, clients, refused, machines];
