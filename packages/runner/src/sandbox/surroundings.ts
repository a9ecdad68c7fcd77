/** What every bubblewrap cage of this runner has around it, found once at the start. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CageOptions } from "./backend.ts";
import { findHidden } from "./hidden/hidden.ts";
import { systemCallFilter } from "./system-calls.ts";
import { systemArguments } from "./system-view.ts";
import { findToolchains } from "./toolchains.ts";
import type { Surroundings } from "./view.ts";

/** Writes what cages are shown into the runner's state folder. */
export function findSurroundings(options: CageOptions): Surroundings {
  const { ownerHome, toolPath } = options;
  const folder = join(stateFolder(options.home), "etc");
  const hidden = findHidden(options.hidden());
  return {
    system: systemArguments(folder),
    toolchains: findToolchains(
      toolPath,
      ownerHome,
      hidden.map(({ path }) => path),
    ),
    hidden,
    ownerHome,
    closesNamespaces: true,
    systemCalls: writtenFilter(join(folder, "system-calls.bpf")),
  };
}

/** The runner's own folder in PADDOCK_HOME. */
export function stateFolder(home: string): string {
  const folder = join(home, "runner");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function writtenFilter(path: string): string | null {
  const filter = systemCallFilter(process.arch);
  if (filter) writeFileSync(path, filter, { mode: 0o600 });
  return filter && path;
}
