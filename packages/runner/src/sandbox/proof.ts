/** Tries at start what the cages of this machine really hold, so that nothing is promised that is not kept. */
import { PaddockError } from "@paddock/contract";
import type { Cages, Finished, Limits } from "./cage.ts";
import type { ProbeGround } from "./probe-ground.ts";

export interface Proof {
  kind: Cages["kind"];
  /** What bounds memory: the whole cage, each process by itself, or nothing. */
  memory: "cage" | "process" | "unlimited";
  /** Whether the number of processes in a cage is bounded. */
  pids: "cage" | "unlimited";
  cpus: "cage" | "unlimited";
  /** Whether programs inside are kept from making user namespaces of their own. */
  namespacesClosed: boolean;
  /** Whether system calls that namespaces do not divide are refused. */
  callsFiltered: boolean;
}

export const noProof: Proof = {
  kind: "none",
  memory: "unlimited",
  pids: "unlimited",
  cpus: "unlimited",
  namespacesClosed: false,
  callsFiltered: false,
};

export interface Bounds {
  kind: "bwrap" | "docker";
  hasCgroups: boolean;
  boundCpus: boolean;
  callsFiltered: boolean;
}

/** Starts a cage with these limits; `closesNamespaces` is whether bubblewrap is asked for that. */
export type Probe = (argv: readonly string[], limits: Partial<Limits>, closesNamespaces: boolean) => Promise<Finished>;

/** Throws sandbox_unavailable, with what to install or change, when no cage can be made that holds. */
export async function prove(probe: Probe, ground: ProbeGround, bounds: Bounds): Promise<Proof> {
  // All at once, since the hardened ones nearly always fit; where they do not, a cage that never started stopped nothing.
  const [namespacesClosed, ...hardened] = await Promise.all([contains(probe, ground), ...stops(probe, true)]);
  const [forking, eating] = namespacesClosed ? hardened : await Promise.all(stops(probe, false));
  const together = bounds.hasCgroups ? "cage" : "process";
  return {
    kind: bounds.kind,
    memory: eating ? together : "unlimited",
    pids: forking ? "cage" : "unlimited",
    cpus: bounds.boundCpus ? "cage" : "unlimited",
    namespacesClosed,
    callsFiltered: bounds.callsFiltered,
  };
}

/** Says what of a cage does not hold, or nothing but the last word. */
const containment = `
[ ! -e "$1" ] || echo "Paddock's own state is visible"
[ "$(wc -l </proc/net/route)" -le 1 ] || echo "there is a way into the network"
! touch /usr/.paddock-probe || echo "the system can be written"
! cat "$2/hidden" || echo "a hidden file can be read"
! { echo >>"$2/.git/config" || touch "$2/.git/hooks/probe"; } || echo "a repository's configuration can be written"
grep -q '^CapEff:.0*$' /proc/self/status || echo "there are capabilities"
grep -q '^NoNewPrivs:.1$' /proc/self/status || echo "privileges can be gained"
echo contained`;

async function contains(probe: Probe, { paddockHome, folder }: ProbeGround): Promise<boolean> {
  const argv = ["/bin/sh", "-c", `{ ${containment}\n} 2>/dev/null`, "sh", paddockHome, folder];
  const hardened = await probe(argv, {}, true);
  if (isContained(hardened)) return true;
  const plain = await probe(argv, {}, false);
  if (isContained(plain)) return false;
  throw unavailable(plain);
}

const isContained = ({ stdout }: Finished): boolean => stdout.toString() === "contained\n";

const stops = (probe: Probe, closesNamespaces: boolean): Promise<boolean>[] =>
  [
    { script: "sleep 9 & sleep 9 & sleep 9 & sleep 9 & echo free", limits: { pids: 4 } },
    { script: "head -c 40M /dev/zero | tail -c 40M | wc -c", limits: { memoryBytes: 16 * 1024 * 1024 } },
  ].map(async ({ script, limits }) => {
    const { stdout } = await probe(["/bin/sh", "-c", script], limits, closesNamespaces);
    return !/free|^41943040$/m.test(stdout.toString());
  });

function unavailable({ stdout, stderr }: Finished): PaddockError {
  const faults = stdout.toString().trim().split("\n").slice(0, -1);
  if (faults.length > 0)
    return new PaddockError("sandbox_unavailable", `A cage of this machine does not hold: ${faults.join("; ")}.`);
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
