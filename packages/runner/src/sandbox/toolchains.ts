/**
 * The owner's tools outside /usr: each folder of PATH, with as much around it as its programs need and no more. Folders of
 * the home that also hold credentials or application data are shown only as far as the table says.
 */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isBeneath } from "./paths.ts";

export interface Toolchains {
  /** PATH inside the cage. */
  path: string;
  /** Host folders to show read-only. */
  folders: readonly string[];
  /** Variables that the tools need to find themselves while the home is another one. */
  env: Readonly<Record<string, string>>;
}

interface KnownTool {
  /** Folder of PATH, below the home. */
  at: RegExp;
  show: readonly string[];
  env?: Readonly<Record<string, string>>;
}

const knownTools: readonly KnownTool[] = [
  { at: /^\.cargo\/bin$/, show: [".cargo/bin", ".rustup"], env: { RUSTUP_HOME: ".rustup" } },
  { at: /^\.pyenv\/(shims|bin|plugins\/.*)$/, show: [".pyenv"], env: { PYENV_ROOT: ".pyenv" } },
  { at: /^\.rbenv\/(shims|bin)$/, show: [".rbenv"], env: { RBENV_ROOT: ".rbenv" } },
  { at: /^\.asdf\/(shims|bin)$/, show: [".asdf"], env: { ASDF_DATA_DIR: ".asdf" } },
  { at: /^\.volta\/bin$/, show: [".volta"], env: { VOLTA_HOME: ".volta" } },
  { at: /^\.local\/share\/mise\/shims$/, show: [".local/share/mise"], env: { MISE_DATA_DIR: ".local/share/mise" } },
  { at: /^\.local\/bin$/, show: [".local/bin", ".local/pipx", ".local/share/pipx", ".local/share/uv"] },
];

/** Folders whose `bin` stands alone: what lies beside it is not for the cage. */
const lonely = new Set([".local", ".bun", ".deno", ".config", ".cargo", "go", ".dotnet"]);
const systemPath = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];
const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];

/** Reads what `toolPath` (the owner's PATH) names; what does not exist, or lies in or around a hidden path, is left out. */
export function findToolchains(toolPath: string, ownerHome: string, hidden: readonly string[]): Toolchains {
  const folders = new Set<string>();
  const env: Record<string, string> = {};
  const path = new Set<string>();
  for (const folder of toolPath.split(":")) {
    if (!folder.startsWith("/") || !isDirectory(folder)) continue;
    if (systemFolders.some((system) => isBeneath(system, folder))) {
      path.add(folder);
      continue;
    }
    const found = around(folder, ownerHome);
    const shown = found.show.filter(
      (shownFolder) => isDirectory(shownFolder) && isShowable(shownFolder, ownerHome, hidden),
    );
    if (!shown.some((shownFolder) => isBeneath(shownFolder, folder))) continue;
    for (const shownFolder of shown) folders.add(shownFolder);
    Object.assign(env, found.env);
    path.add(folder);
  }
  for (const folder of systemPath) path.add(folder);
  return { path: [...path].join(":"), folders: [...folders].toSorted(), env };
}

function around(folder: string, ownerHome: string): { show: string[]; env: Record<string, string> } {
  const below = isBeneath(ownerHome, folder) ? folder.slice(ownerHome.length + 1) : null;
  const known = below === null ? undefined : knownTools.find(({ at }) => at.test(below));
  if (known) {
    const env = Object.entries(known.env ?? {}).map(([name, value]) => [name, join(ownerHome, value)]);
    return { show: known.show.map((name) => join(ownerHome, name)), env: Object.fromEntries(env) };
  }
  const parent = dirname(folder);
  const isUsual = ["bin", "sbin"].includes(basename(folder)) && dirname(parent) !== "/";
  const standsAlone = !isUsual || lonely.has(basename(parent));
  return { show: [standsAlone ? folder : parent], env: {} };
}

/** Never a whole home or a top-level folder, never anything in or around what is hidden. */
function isShowable(folder: string, ownerHome: string, hidden: readonly string[]): boolean {
  const real = realpathSync(folder);
  if (real === "/" || dirname(real) === "/home" || isBeneath(real, ownerHome)) return false;
  return !hidden.some((path) => isBeneath(path, real) || isBeneath(real, path));
}

/** False for what this account may not look at, too: a PATH often names such a folder. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
