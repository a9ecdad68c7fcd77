/** Rows of a call of a git tool, on a repository that an attacker made. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gitIn, makeRepository, plant, plantPayload } from "./git-repository.ts";
import type { Attacker, Harm, Mechanism } from "./mechanism.ts";
import type { Scene } from "./scene.ts";

interface GitRow {
  id: string;
  tries: string;
  harm?: Harm;
  refusedAsInput?: true;
  /** Makes the repository in `here` what it is; `payload` is a program. */
  given(here: string, payload: string, scene: Scene): void;
  tool: string;
  input?: object | ((scene: Scene) => object);
  after?(attacker: Attacker, scene: Scene): Promise<unknown>;
}

export function gitRow({ given, tool, input = {}, after, id, harm = "secret read", ...rest }: GitRow): Mechanism {
  return {
    ...rest,
    id: `git/${id}`,
    harm,
    defence: "that git runs with settings of its own, in a cage",
    async attack(attacker, scene) {
      const { here } = scene;
      makeRepository(here);
      given(here, plantPayload(scene), scene);
      for (const trace of ["ran", "loot"]) rmSync(join(here, trace), { force: true });
      await attacker.call(tool, { path: here, ...(typeof input === "function" ? input(scene) : input) });
      await after?.(attacker, scene);
      if (existsSync(join(here, "ran"))) scene.cross("a program of the repository was started");
    },
  };
}

export const config = (here: string, ...settings: readonly (readonly [string, string])[]) => {
  for (const [key, value] of settings) gitIn(here, "config", key, value);
};
export const hook = (name: string) => (here: string, payload: string) =>
  plant(here, `.git/hooks/${name}`, `#!/bin/sh\nexec ${payload}\n`, 0o755);
export const changed = (here: string) => plant(here, "file.txt", "two\n");
