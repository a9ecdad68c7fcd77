/** Rows of a single call with a path that leads out of the roots. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Harm, Mechanism, Weakness } from "./mechanism.ts";
import type { Scene } from "./scene.ts";

interface PathRow {
  id: string;
  tries: string;
  harm?: Harm;
  weakness?: Weakness;
  /** What lies in the workspace when the attack begins. */
  given?: (scene: Scene) => void;
  tool: string;
  input: (scene: Scene) => object;
}

export const pathRow = ({ given, tool, input, harm = "secret read", id, ...rest }: PathRow): Mechanism => ({
  ...rest,
  id: `paths/${id}`,
  harm,
  defence: "that every path is resolved beneath a root, part by part",
  async attack({ call }, scene) {
    given?.(scene);
    await call(tool, input(scene));
  },
});

/** Links in the row's folder: `file` to a secret, `folder` to where it lies. */
export const links = ({ here, outside }: Scene) => {
  symlinkSync(join(outside, "secret.txt"), join(here, "file"));
  symlinkSync(outside, join(here, "folder"));
};
export const lexical = { weakness: "lexical", given: links } as const;
