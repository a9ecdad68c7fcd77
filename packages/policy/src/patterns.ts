/** Patterns of rules against names, paths and hosts. */

/**
 * `*` stands for any text without `/`, `**` for any text; all else is meant literally. All ways to match are followed at once,
 * so that no text, which is an agent's, makes a pattern take longer than its length times the pattern's.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const parts = pattern.match(/\*+|[^*]/gs) ?? [];
  let reached = pastStars(parts, [0]);
  for (let index = 0; index < text.length && reached.length > 0; index += 1) {
    reached = pastStars(parts, after(text[index] ?? "", parts, reached));
  }
  return reached.includes(parts.length);
}

/** The parts that can come next when a sign has been read at one of `reached`. */
function after(sign: string, parts: readonly string[], reached: readonly number[]): ReadonlySet<number> {
  const next = new Set<number>();
  for (const at of reached) {
    const part = parts[at] ?? "";
    const isStar = part.startsWith("*");
    const takes = isStar ? part.length > 1 || sign !== "/" : part === sign;
    if (takes) next.add(isStar ? at : at + 1);
  }
  return next;
}

/** A star may stand for nothing. */
function pastStars(parts: readonly string[], reached: Iterable<number>): readonly number[] {
  const all = new Set(reached);
  for (const at of all) if (parts[at]?.startsWith("*")) all.add(at + 1);
  return [...all];
}

export const isBelow = (path: string, folder: string): boolean =>
  path.startsWith(folder) && (path.length === folder.length || folder === "/" || path[folder.length] === "/");

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** `*.example.org` stands for all names below, not for `example.org` itself. A pattern without a port speaks about all of them. */
export function matchesHost(pattern: string, host: string): boolean {
  const [wanted, wantedPort] = withPort(pattern);
  const [name, port] = withPort(host);
  if (wantedPort !== undefined && wantedPort !== port) return false;
  return wanted === "*" || (wanted.startsWith("*.") ? name.endsWith(wanted.slice(1)) : name === wanted);
}

/** Name and port; an IPv6 address with a port stands in brackets. */
function withPort(text: string): [name: string, port: string | undefined] {
  const lower = text.toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(lower);
  if (bracketed) return [bracketed[1] ?? "", bracketed[2]];
  const at = lower.indexOf(":");
  const name = at >= 0 && at === lower.lastIndexOf(":") ? lower.slice(0, at) : lower;
  return [name.replace(/\.$/, ""), name === lower ? undefined : lower.slice(at + 1)];
}
