/** A one-off command in a cage, beside plain bubblewrap with the same mounts. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema } from "@paddock/contract";
import { credentialsIn, systemSecrets } from "@paddock/policy";
import type { CageOptions } from "../../packages/runner/src/sandbox/backend.ts";
import type { CageSpec } from "../../packages/runner/src/sandbox/cage.ts";
import { limitsOf } from "../../packages/runner/src/sandbox/configured-limits.ts";
import { openCages } from "../../packages/runner/src/sandbox/open-cages.ts";
import { Pins } from "../../packages/runner/src/sandbox/pins.ts";
import { privateHome } from "../../packages/runner/src/sandbox/private-homes.ts";
import { findSurroundings } from "../../packages/runner/src/sandbox/surroundings.ts";
import { viewArguments } from "../../packages/runner/src/sandbox/view.ts";
import { inTurns, type LoneFigure } from "../figure.ts";

const bounds = { maxBytes: 1000, timeoutMs: 10_000 };

export const cage: LoneFigure = {
  name: "cage",
  async measure() {
    const folder = mkdtempSync(join(tmpdir(), "paddock-bench-cage-"));
    const options = optionsIn(folder);
    const workspace = join(folder, "workspace");
    mkdirSync(workspace);
    const roots = [{ path: workspace, write: true }];
    const spec: CageSpec = { argv: ["/bin/true"], cwd: workspace, profile: "workspace", domain: "bench", roots };
    const cages = await openCages(options);
    const args = plainArguments(spec, options);
    try {
      const { base, ours } = await inTurns(
        { base: () => plain([...args, ...spec.argv]), ours: () => cages.run(spec, bounds) },
        { rounds: 12, each: 8 },
      );
      return [
        {
          name: "one-off command in a cage",
          unit: "ms",
          ours,
          base: { what: "bwrap, same mounts", value: base },
          limit: { most: 1.5 },
        },
      ];
    } finally {
      cages.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function optionsIn(folder: string): CageOptions {
  const home = join(folder, "state");
  const ownerHome = process.env.HOME ?? folder;
  const hidden = [home, ...credentialsIn(ownerHome), ...systemSecrets].map((path) => ({ path }));
  const limits = limitsOf(configSchema.parse({}));
  return { kind: "bwrap", home, limits, ownerHome, toolPath: process.env.PATH ?? "", hidden: () => hidden };
}

/** What bubblewrap is told for this cage, less the filter of system calls; places by their paths. */
function plainArguments(spec: CageSpec, options: CageOptions): string[] {
  using pins = new Pins(0);
  const parts = { privateHome: privateHome(options.home, spec.domain), tmpBytes: options.limits.tmpBytes, pins };
  const args = viewArguments(spec, { ...findSurroundings(options), systemCalls: null }, parts);
  return args.map((argument, index) => {
    if (/^--(ro-)?bind-fd$/.test(argument)) return argument.slice(0, -"-fd".length);
    const isPinned = /^--(ro-)?bind-fd$/.test(args[index - 1] ?? "");
    return isPinned ? readlinkSync(`/proc/self/fd/${pins.handles[Number(argument)]}`) : argument;
  });
}

function plain(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("bwrap", args, { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.resume();
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`bwrap ended with ${code}`))));
  });
}
