/** Tries at start what the cages of this machine really hold, so that nothing is promised that is not kept. */
import { PaddockError } from "@paddock/contract";
import type { Finished, Limits } from "./cage.ts";

export interface Proof {
  kind: "bwrap" | "none";
  /** What bounds memory: the whole cage, each process by itself, or nothing. */
  memory: "cage" | "process" | "unlimited";
  /** Whether the number of processes in a cage is bounded. */
  pids: "cage" | "unlimited";
  /** Whether programs inside are kept from making user namespaces of their own. */
  namespacesClosed: boolean;
  /** Whether system calls that namespaces do not divide are refused. */
  callsFiltered: boolean;
}

export const noProof: Proof = {
  kind: "none",
  memory: "unlimited",
  pids: "unlimited",
  namespacesClosed: false,
  callsFiltered: false,
};

/** Starts a cage with these limits; `closesNamespaces` is whether bubblewrap is asked for that. */
export type Probe = (argv: readonly string[], limits: Partial<Limits>, closesNamespaces: boolean) => Promise<Finished>;

/** Throws sandbox_unavailable, with what to install or change, when no cage can be made. */
export async function prove(
  probe: Probe,
  paddockHome: string,
  { hasCgroups, callsFiltered }: { hasCgroups: boolean; callsFiltered: boolean },
): Promise<Proof> {
  // Both at once, since the second nearly always fits; where it does not, a cage that never started has stopped nothing.
  const [namespacesClosed, hardenedStops] = await Promise.all([
    contains(probe, paddockHome),
    stopsForking(probe, true),
  ]);
  const stops = namespacesClosed ? hardenedStops : await stopsForking(probe, false);
  return {
    kind: "bwrap",
    memory: hasCgroups ? "cage" : "process",
    pids: stops ? "cage" : "unlimited",
    namespacesClosed,
    callsFiltered,
  };
}

const containment = '[ -e "$1" ] || [ "$(wc -l </proc/net/route)" -gt 1 ] || echo contained';

async function contains(probe: Probe, paddockHome: string): Promise<boolean> {
  const argv = ["/bin/sh", "-c", containment, "sh", paddockHome];
  const hardened = await probe(argv, {}, true);
  if (isContained(hardened)) return true;
  const plain = await probe(argv, {}, false);
  if (isContained(plain)) return false;
  throw unavailable(plain);
}

const isContained = ({ stdout }: Finished): boolean => stdout.toString() === "contained\n";

async function stopsForking(probe: Probe, namespacesClosed: boolean): Promise<boolean> {
  const argv = ["/bin/sh", "-c", "sleep 9 & sleep 9 & sleep 9 & sleep 9 & echo free"];
  const { stdout } = await probe(argv, { pids: 4 }, namespacesClosed);
  return stdout.length === 0;
}

function unavailable({ stderr }: Finished): PaddockError {
  const said = stderr.toString().trim().slice(0, 300);
  if (said.includes("bind-fd")) {
    return new PaddockError(
      "sandbox_unavailable",
      "This bubblewrap is too old: it cannot mount what is held open, and so could be led elsewhere.",
      "Update bubblewrap to 0.10, or to the security update of 2024 of your distribution.",
    );
  }
  const isNamespaces = /namespace|uid map|Operation not permitted|Permission denied/i.test(said);
  const nextStep = isNamespaces
    ? 'Let this user make user namespaces (`sysctl kernel.unprivileged_userns_clone=1`; on Ubuntu an AppArmor profile for bwrap, or `sysctl kernel.apparmor_restrict_unprivileged_userns=0`), or choose `sandbox = "none"` knowingly.'
    : undefined;
  return new PaddockError(
    "sandbox_unavailable",
    `bubblewrap cannot contain a program here: ${said || "it said nothing"}`,
    nextStep,
  );
}
