/** Opens bubblewrap as what contains programs: finds what this machine can enforce, and tries it. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { Backend, CageOptions } from "./backend.ts";
import { type Bwrap, startBwrap } from "./bwrap.ts";
import type { CageSpec } from "./cage.ts";
import { openCgroups } from "./cgroup.ts";
import { collect } from "./collect.ts";
import { privateHome } from "./private-homes.ts";
import { makeProbeGround, type ProbeGround } from "./probe-ground.ts";
import { type Probe, prove } from "./proof.ts";
import { findSurroundings } from "./surroundings.ts";

/** Throws sandbox_unavailable when programs cannot be contained. */
export async function openBwrap(options: CageOptions): Promise<Backend> {
  const around = findSurroundings(options);
  const cgroups = openCgroups();
  const homeFor = (domain: string) => privateHome(options.home, domain);
  const bwrap: Bwrap = { program: findBwrap(), around, cgroups, homeFor };
  using ground = makeProbeGround(options.home);
  const proof = await prove(probeWith(bwrap, options, ground), ground, {
    kind: "bwrap",
    hasCgroups: cgroups !== null,
    boundCpus: cgroups?.boundCpus ?? false,
    callsFiltered: around.systemCalls !== null,
  });
  const { namespacesClosed: closesNamespaces } = proof;
  return {
    kind: "bwrap",
    proof,
    start: (spec, limits, hidden) =>
      startBwrap(spec, limits, { ...bwrap, around: { ...around, closesNamespaces, hidden } }),
    close: () => cgroups?.close(),
  };
}

const places = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap", "/run/current-system/sw/bin/bwrap"];

/** Only from where the system's administrator put it: a PATH may lead into folders that agents can write. */
export function findBwrap(): string {
  const found = places.find((path) => isExecutable(path));
  if (!found) throw new PaddockError("sandbox_unavailable", "bubblewrap (bwrap) is not installed on this machine.");
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function probeWith(bwrap: Bwrap, { limits }: CageOptions, { folder }: ProbeGround): Probe {
  const roots = [{ path: folder, write: true }];
  const hidden = [...bwrap.around.hidden, { path: join(folder, "hidden"), type: "file" as const }];
  return async (argv, changed, closesNamespaces) => {
    const spec: CageSpec = { argv, cwd: "/", profile: "workspace", domain: "probe", roots };
    const around = { ...bwrap.around, hidden, closesNamespaces };
    const cage = await startBwrap(spec, { ...limits, ...changed }, { ...bwrap, around });
    return collect({ ...cage, stopped: null }, { maxBytes: 4096, timeoutMs: 10_000 });
  };
}
