/** How a person runs this very installation from a shell, and where its guides are. */
import { realpathSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const clone = fileURLToPath(new URL("../../../", import.meta.url));
export const commandFile = fileURLToPath(new URL("../bin/paddock.mjs", import.meta.url));

/** What to type before the verb: works as it stands in the shell that started this process. */
export function ownCommand(environment: NodeJS.ProcessEnv, cwd: string): string {
  const home = environment.PADDOCK_HOME ? `PADDOCK_HOME=${quoted(environment.PADDOCK_HOME)} ` : "";
  const byNpm = environment.npm_lifecycle_event !== undefined;
  if (!byNpm && isInstalled(environment.PATH ?? "")) return `${home}paddock`;
  if (byNpm || isInside(cwd, clone)) return `${home}npx --no-install paddock`;
  return `${home}${quoted(process.execPath)} ${quoted(commandFile)}`;
}

/** A page of the documentation, as it can be opened from `cwd`. */
export function pageOf(path: string, cwd: string): string {
  const page = join(clone, path);
  return isInside(page, cwd) ? relative(cwd, page) : page;
}

const isInside = (path: string, folder: string): boolean => !relative(folder, path).startsWith("..");

/** Whether `paddock` on this PATH is this installation. */
function isInstalled(path: string): boolean {
  const own = realpathSync(commandFile);
  const found = path.split(delimiter).map((folder) => realPath(join(folder, "paddock")));
  return found.find((file) => file !== null) === own;
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
