/** Opens the door to other programs: finds what this machine can enforce, tries it, and gives back `Cages`. */
import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { type Bwrap, startBwrap } from "./bwrap.ts";
import type { CageSpec, Cages, Limits } from "./cage.ts";
import { openCgroups } from "./cgroup.ts";
import { collect } from "./collect.ts";
import { findHidden } from "./hidden.ts";
import { startUncaged } from "./none.ts";
import { isBeneath } from "./paths.ts";
import { noProof, type Probe, type Proof, prove } from "./proof.ts";
import { systemCallFilter } from "./system-calls.ts";
import { systemArguments } from "./system-view.ts";
import { findToolchains } from "./toolchains.ts";
import type { Surroundings } from "./view.ts";

export interface CageOptions {
  kind: "bwrap" | "none";
  /** PADDOCK_HOME; no cage ever sees it. */
  home: string;
  limits: Limits;
  /** Limits that the owner has set: where one cannot be enforced the start fails, instead of a default that is reported missing. */
  configured?: readonly (keyof Limits)[];
  /** Home of the machine's owner. */
  ownerHome: string;
  /** The owner's PATH. */
  toolPath: string;
  /** Further paths that no cage sees, besides PADDOCK_HOME: where credentials lie. */
  hidden: readonly string[];
}

export interface OpenCages extends Cages {
  readonly proof: Proof;
  /** Whether an absolute, real path is or lies beneath something that no cage may see. */
  isHidden(path: string): boolean;
  /** Removes the control groups. To be called after the last cage has ended. */
  close(): void;
}

/** Throws sandbox_unavailable when programs cannot be contained, cannot_enforce when a configured limit cannot be held. */
export async function openCages(options: CageOptions): Promise<OpenCages> {
  const state = join(options.home, "runner");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const around = findSurroundings(options, state);
  const uncaged = (spec: CageSpec) => startUncaged(spec, around, options.toolPath);
  if (options.kind === "none") return cagesOf("none", options, uncaged, noProof, () => undefined);
  const cgroups = openCgroups();
  const bwrap: Bwrap = { program: findBwrap(), around, cgroups, homeFor: (domain) => privateHome(state, domain) };
  const proof = await prove(probeWith(bwrap, options), options.home, {
    hasCgroups: cgroups !== null,
    callsFiltered: around.systemCalls !== null,
  });
  checkConfigured(options.configured ?? [], proof);
  const { namespacesClosed: closesNamespaces } = proof;
  // What is hidden is looked for each time: credentials that were not there at the start may be there now.
  const hardened = () => ({ ...bwrap, around: { ...around, closesNamespaces, hidden: hiddenNow(options) } });
  const start = (spec: CageSpec) =>
    spec.noCage ? uncaged(spec) : startBwrap(spec, { ...options.limits, ...spec.limits }, hardened());
  return cagesOf("bwrap", options, start, proof, () => cgroups?.close());
}

function cagesOf(
  kind: Cages["kind"],
  options: CageOptions,
  begin: Cages["start"],
  proof: Proof,
  close: () => void,
): OpenCages {
  const start = async (spec: CageSpec) => {
    if (!statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new PaddockError("not_a_directory", `There is no directory ${spec.cwd} to start in.`);
    }
    return begin(spec);
  };
  const isHidden = (path: string) => hiddenNow(options).some((covered) => isBeneath(covered.path, path));
  return { kind, proof, isHidden, close, start, run: async (spec, options) => collect(await start(spec), options) };
}

const hiddenNow = ({ home, hidden }: CageOptions) => findHidden([home, ...hidden]);

function findSurroundings(options: CageOptions, state: string): Surroundings {
  const { ownerHome, toolPath } = options;
  const found = hiddenNow(options);
  const paths = found.map(({ path }) => path);
  return {
    system: systemArguments(join(state, "etc")),
    toolchains: findToolchains(toolPath, ownerHome, paths),
    hidden: found,
    ownerHome,
    closesNamespaces: true,
    systemCalls: writtenFilter(join(state, "etc", "system-calls.bpf")),
  };
}

function writtenFilter(path: string): string | null {
  const filter = systemCallFilter(process.arch);
  if (filter) writeFileSync(path, filter, { mode: 0o600 });
  return filter && path;
}

const places = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap", "/run/current-system/sw/bin/bwrap"];

/** Only from where the system's administrator put it: a PATH may lead into folders that agents can write. */
function findBwrap(): string {
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

function privateHome(state: string, domain: string): string {
  const folder = join(state, "homes", createHash("sha256").update(domain).digest("hex").slice(0, 24));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function probeWith(bwrap: Bwrap, { limits }: CageOptions): Probe {
  return async (argv, changed, closesNamespaces) => {
    const roots = [{ path: realpathSync("/usr"), write: false }];
    const spec: CageSpec = { argv, cwd: "/", profile: "workspace", domain: "probe", roots };
    const cage = await startBwrap(
      spec,
      { ...limits, ...changed },
      { ...bwrap, around: { ...bwrap.around, closesNamespaces } },
    );
    return collect(cage, { maxBytes: 4096, timeoutMs: 10_000 });
  };
}

function checkConfigured(configured: readonly (keyof Limits)[], proof: Proof): void {
  if (configured.includes("memoryBytes") && proof.memory !== "cage") throw cannotHold("memory_bytes");
  if (configured.includes("pids") && proof.pids !== "cage") throw cannotHold("max_pids");
}

function cannotHold(key: string): PaddockError {
  return new PaddockError(
    "cannot_enforce",
    `${key} is set, but this user may make no control group here that would hold it.`,
    "Run Paddock as a systemd user service with Delegate=yes, or remove the setting.",
  );
}
