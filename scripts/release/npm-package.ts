/** The npm package: one file that `npm install --global` takes. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { npm } from "./programs.ts";
import { stage } from "./stage.ts";

/** Writes the package into `into`; its file name. */
export function makeNpmPackage(root: string, into: string): string {
  const folder = join(into, "package");
  stage(root, folder);
  const file = npm(into, "pack", "./package", "--silent").trim();
  rmSync(folder, { recursive: true });
  return file;
}
