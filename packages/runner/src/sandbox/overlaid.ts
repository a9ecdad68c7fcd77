/**
 * A program outside of any cage that sees some files replaced: bubblewrap gives it the machine as it is, with the given ones laid
 * over their places. What it starts gains no rights by being set-user-ID.
 */
import type { CageSpec } from "./cage.ts";
import { findBwrap } from "./open-bwrap.ts";

/** The same spec where nothing is replaced. */
export function overlaid(spec: CageSpec): CageSpec {
  const over = (spec.mounts ?? []).flatMap(({ path, at }) => (at === undefined ? [] : ["--ro-bind", path, at]));
  if (over.length === 0) return spec;
  const rights = process.geteuid?.() === 0 ? ["--cap-add", "ALL"] : [];
  const argv = [findBwrap(), "--dev-bind", "/", "/", ...rights, ...over, "--chdir", spec.cwd, "--", ...spec.argv];
  return { ...spec, argv };
}
