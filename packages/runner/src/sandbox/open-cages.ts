/** Opens the door to other programs: the backend that the owner chose, and what holds whatever that is. */
import { statSync } from "node:fs";
import { PaddockError } from "@paddock/contract";
import type { Backend, CageOptions } from "./backend.ts";
import type { CageSpec, Cages, Limits } from "./cage.ts";
import { collect } from "./collect.ts";
import { findHidden } from "./hidden/hidden.ts";
import { identityOf } from "./hidden/identity.ts";
import { HiddenWatch, type Place } from "./hidden/watch.ts";
import { openNone, startUncaged } from "./none.ts";
import { openBwrap } from "./open-bwrap.ts";
import { overlaid } from "./overlaid.ts";
import { isBeneath } from "./paths.ts";
import type { Proof } from "./proof.ts";
import { foldersShown, RunningCages } from "./running.ts";

export interface OpenCages extends Cages {
  readonly proof: Proof;
  /** Whether an absolute, real path is or lies beneath something that no cage may see. */
  isHidden(path: string): boolean;
  /** To be called after the last cage has ended. */
  close(): void;
}

const backends = {
  bwrap: openBwrap,
  // Speaks HTTP, whose client costs a process 30 ms and 7 MB.
  docker: async (options) => (await import("./docker/open-docker.ts")).openDocker(options),
  srt: async (options) => (await import("./srt/open-srt.ts")).openSrt(options),
  none: openNone,
} satisfies Record<Cages["kind"], (options: CageOptions) => Backend | Promise<Backend>>;

/** Throws sandbox_unavailable when programs cannot be contained, cannot_enforce when a configured limit cannot be held. */
export async function openCages(options: CageOptions): Promise<OpenCages> {
  const backend = await backends[options.kind](options);
  checkConfigured(options.configured ?? [], backend.proof);
  const running = new RunningCages();
  const watch = new HiddenWatch((path) => {
    running.stopThoseThatShow(path);
    options.onHiddenChange?.(path);
  });
  // What is hidden is looked for each time: credentials that were not there at the start may be there now.
  const watched = async (folders: readonly string[]) => {
    for (;;) {
      const paths = options.hidden();
      const found = findHidden(paths);
      const places = placesIn(folders, [...paths, ...found]);
      const isWatched = backend.kind === "none" || watch.watch(places);
      if (isWatched === true) return { hidden: found, places };
      await isWatched;
    }
  };
  const checked = async (spec: CageSpec) => {
    if (!statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new PaddockError("not_a_directory", `There is no directory ${spec.cwd} to start in.`);
    }
    const folders = foldersShown(spec);
    return running.start(folders, async () => {
      if (spec.noCage)
        return { contained: await startUncaged(backend.kind === "none" ? spec : overlaid(spec), options), covered: [] };
      const { hidden, places } = await watched(folders);
      const covered = places.map(({ path }) => ({ path, identity: identityOf(path) }));
      return { contained: await backend.start(spec, { ...options.limits, ...spec.limits }, hidden), covered };
    });
  };
  const start = (spec: CageSpec) =>
    checked(spec).catch((error: unknown) => {
      spec.doorway?.close();
      throw error;
    });
  return {
    ...{ kind: backend.kind, proof: backend.proof, start },
    run: async (spec, bounds) => collect(await start(spec), bounds),
    isHidden: (path) => findHidden(options.hidden()).some((covered) => isBeneath(covered.path, path)),
    close: () => {
      watch.close();
      backend.close();
    },
  };
}

/** Where something hidden stands, or may come to stand, in what a cage shows. */
function placesIn(folders: readonly string[], paths: readonly { path: string }[]): Place[] {
  return paths.flatMap(({ path }) => {
    const from = folders.find((folder) => isBeneath(folder, path) && folder !== path);
    return from === undefined ? [] : [{ path, from }];
  });
}

function checkConfigured(configured: readonly (keyof Limits)[], proof: Proof): void {
  if (configured.includes("memoryBytes") && proof.memory !== "cage") throw cannotHold("memory_bytes");
  if (configured.includes("pids") && proof.pids !== "cage") throw cannotHold("max_pids");
  if (configured.includes("cpus") && proof.cpus !== "cage") throw cannotHold("max_cpus");
}

function cannotHold(key: string): PaddockError {
  return new PaddockError(
    "cannot_enforce",
    `${key} is set, but this user may make no control group here that would hold it.`,
    "Run Paddock as a systemd user service with Delegate=yes, or remove the setting.",
  );
}
