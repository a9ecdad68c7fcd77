/**
 * Which files a search looks at, as ripgrep's options. A wish such as `*.ts` goes into an ignore file and not into `--glob`,
 * because `--glob` would bring back what .gitignore excludes and what is hidden.
 */
import { PaddockError } from "@paddock/contract";
import { isWithin } from "../files/ground.ts";

export interface Filter {
  glob?: string | undefined;
  includeHidden: boolean;
  includeIgnored: boolean;
}

export interface FilterOptions {
  options: string[];
  /** Text of the ignore file; null when none is needed. */
  ignoreFile: string | null;
}

/** Left out even where no ignore file says so, unless the search is for what is ignored. */
const usuallyIgnored = "node_modules";

/** `base` is the directory searched, `hidden` the absolute paths that must not appear. */
export function filterOptions(filter: Filter, base: string, hidden: readonly string[]): FilterOptions {
  const glob = filter.glob === undefined ? undefined : relativeGlob(filter.glob, base);
  const includeHidden = filter.includeHidden || (glob !== undefined && /(^|\/)\.[^/.]/.test(glob));
  const leaveOut = !filter.includeIgnored && glob?.includes(usuallyIgnored) !== true;
  return {
    options: [
      "--no-require-git",
      ...(includeHidden ? ["--hidden", "--glob=!.git"] : []),
      ...(filter.includeIgnored ? ["--no-ignore"] : []),
      ...(leaveOut && glob === undefined ? [`--glob=!${usuallyIgnored}`] : []),
      ...unseen(base, hidden),
    ],
    ignoreFile: glob === undefined ? null : ignoreFileFor(glob, includeHidden, leaveOut),
  };
}

const unseen = (base: string, hidden: readonly string[]): string[] =>
  hidden
    .filter((path) => isWithin(path, base) && path !== base)
    .map((path) => `--glob=!${escaped(path.slice(base === "/" ? 0 : base.length))}`);

/** A glob as the base directory sees it. */
function relativeGlob(glob: string, base: string): string {
  if (/[\0\r\n]/.test(glob)) throw new PaddockError("invalid_pattern", "A glob is one line.");
  if (!isClosed(glob))
    throw new PaddockError(
      "invalid_pattern",
      `The glob has an open bracket or brace: ${glob}`,
      "Close it, or put a backslash before it.",
    );
  const negated = glob.startsWith("!");
  const plain = negated ? glob.slice(1) : glob;
  const inside =
    base !== "/" && plain.startsWith(`${base}/`) ? plain.slice(base.length) : plain.replace(/^(\.\/)+/, "/");
  const whole = inside.endsWith("/") ? `${inside}**` : inside;
  return `${negated ? "!" : ""}${whole.replace(/ $/, "\\ ")}`;
}

/** Whether each bracket and brace has its partner. Ripgrep leaves out a line of an ignore file that it cannot read. */
function isClosed(glob: string): boolean {
  const plain = glob.replace(/\\./g, "").replace(/\[[!^]?\]?[^\]]*\]/g, "");
  let open = 0;
  for (const sign of plain) {
    if (sign === "{") open += 1;
    else if (sign === "}") open -= 1;
    if (open < 0 || sign === "[") return false;
  }
  return open === 0 && !glob.replace(/\\\\/g, "").endsWith("\\");
}

/** Everything is ignored, except directories to look into and what the glob names. The last line that matches decides. */
function ignoreFileFor(glob: string, includeHidden: boolean, leaveOut: boolean): string {
  const last = leaveOut ? [usuallyIgnored] : [];
  const wanted = includeHidden ? ["*", "!*/", `!${glob}`] : ["*", "![!.]*/", `!${glob}`, ".*"];
  const lines = glob.startsWith("!") ? [lineOf(glob.slice(1)), ...last] : [...wanted, ...last];
  return `${lines.join("\n")}\n`;
}

/** A pattern whose first character would be read as a mark of the file format. */
const lineOf = (pattern: string): string => (/^[#!]/.test(pattern) ? `\\${pattern}` : pattern);

const escaped = (path: string): string => path.replace(/[\\*?[\]{}!]/g, "\\$&");
