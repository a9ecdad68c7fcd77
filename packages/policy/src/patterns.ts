/** Patterns of rules against names, paths and hosts. */

/** `*` stands for any text without `/`, `**` for any text; all else is meant literally. */
export function matchesGlob(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  return expressionOf(pattern).test(text);
}

const expressions = new Map<string, RegExp>();
const mostExpressions = 2000;

/** Stars that follow each other are one, so that no pattern takes more than polynomial time; their number is bounded at load. */
function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known) return known;
  const source = pattern
    .split(/(\*+)/)
    .map((part) =>
      part.startsWith("*") ? (part.length > 1 ? "[^]*" : "[^/]*") : part.replaceAll(/[\\^$.+?()[\]{}|/]/g, "\\$&"),
    )
    .join("");
  const expression = new RegExp(`^${source}$`, "u");
  if (expressions.size >= mostExpressions) expressions.clear();
  expressions.set(pattern, expression);
  return expression;
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
