/** The npm package: one file that `npm install --global` takes. Packed as npm packs, whichever npm there is: the newest leaves the versions out. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { tarball } from "./programs.ts";
import { stage } from "./stage.ts";

/** Writes the package into `into`; its file name. */
export function makeNpmPackage(root: string, into: string): string {
  const folder = join(into, "package");
  const { name, version } = stage(root, folder);
  const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  tarball(join(into, file), into, "package");
  rmSync(folder, { recursive: true });
  return file;
}
