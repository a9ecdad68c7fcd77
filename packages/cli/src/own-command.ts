/** How a person runs this very installation from a shell, and where its guides are. */
import { realpathSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A clone, an installed package or an unpacked archive: they are laid out alike. */
const installation = fileURLToPath(new URL("../../../", import.meta.url));
export const commandFile = fileURLToPath(new URL("../bin/paddock.mjs", import.meta.url));
/** What an archive has for people to link to. */
const launcher = join(installation, "bin", "paddock");

/** What to type before the verb: works as it stands in the shell that started this process. */
export function ownCommand(environment: NodeJS.ProcessEnv, cwd: string): string {
  const home = environment.PADDOCK_HOME ? `PADDOCK_HOME=${quoted(environment.PADDOCK_HOME)} ` : "";
  const byNpm = environment.npm_lifecycle_event !== undefined;
  if (!byNpm && isInstalled(environment.PATH ?? "")) return `${home}paddock`;
  if (byNpm || isInside(cwd, installation)) return `${home}npx --no-install paddock`;
  return `${home}${quoted(process.execPath)} ${quoted(commandFile)}`;
}

/** A page of the documentation, as it can be opened from `cwd`. */
export function pageOf(path: string, cwd: string): string {
  const page = join(installation, path);
  return isInside(page, cwd) ? relative(cwd, page) : page;
}

/** A text with the pages that it names as they can be opened from `cwd`. */
export const withPages = (text: string, cwd: string): string =>
  text.replaceAll(/\bdocs\/[\w/-]+[.]md\b/g, (path) => pageOf(path, cwd));

const isInside = (path: string, folder: string): boolean => !relative(folder, path).startsWith("..");

/** Whether `paddock` on this PATH is this installation. */
function isInstalled(path: string): boolean {
  const own = [realpathSync(commandFile), realPath(launcher)];
  const found = path.split(delimiter).map((folder) => realPath(join(folder, "paddock")));
  const first = found.find((file) => file !== null);
  return first !== undefined && own.includes(first);
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** A word as a shell reads it back. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
