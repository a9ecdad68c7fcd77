/**
 * Globs over paths, for rules and hooks that a workspace brings along. Written for hostile patterns: alternatives are
 * expanded up to a limit, and matching never backtracks further than the last star, so its cost is bounded by the product
 * of the two lengths.
 *
 * `*` and `?` stay within a name, `**` spans directories, `[a-z]` and `[!a]` are one character, `{a,b}` is either.
 */

export type PathGlob = (path: string) => boolean;

const maxPattern = 512;
const maxAlternatives = 64;

/** `bare` says where a pattern without a slash matches: at the root only, or in any directory. */
export function pathGlob(pattern: string, bare: "root" | "anywhere"): PathGlob {
  if (pattern.length > maxPattern) return () => false;
  const alternatives = expandBraces(pattern.replace(/^(\.?\/)+/, "").replace(/\/$/, "/**")).map((one) => {
    const names = one.split("/");
    return bare === "anywhere" && names.length === 1 ? ["**", ...names] : names;
  });
  return (path) => {
    const names = path.split("/");
    return alternatives.some((wanted) => matchNames(wanted, names));
  };
}

function matchNames(wanted: readonly string[], names: readonly string[]): boolean {
  return greedy(
    wanted.length,
    names.length,
    (at) => wanted[at] === "**",
    (at, name) => matchName(wanted[at] ?? "", names[name] ?? ""),
  );
}

function matchName(wanted: string, name: string): boolean {
  const tokens = tokensOf(wanted);
  return greedy(
    tokens.length,
    name.length,
    (at) => tokens[at] === "*",
    (at, place) => fits(tokens[at] ?? "", name.charAt(place)),
  );
}

/** The classic wildcard walk: on a mismatch, give the last star one item more and go on from there. */
function greedy(
  wants: number,
  items: number,
  isStar: (want: number) => boolean,
  matches: (want: number, item: number) => boolean,
): boolean {
  let want = 0;
  let item = 0;
  let star = -1;
  let taken = 0;
  while (item < items) {
    if (want < wants && isStar(want)) {
      star = want;
      taken = item;
      want += 1;
    } else if (want < wants && matches(want, item)) {
      want += 1;
      item += 1;
    } else if (star >= 0) {
      want = star + 1;
      taken += 1;
      item = taken;
    } else {
      return false;
    }
  }
  while (want < wants && isStar(want)) want += 1;
  return want === wants;
}

/** Single characters, `*`, `?`, and whole `[...]` classes. */
function tokensOf(wanted: string): string[] {
  return wanted.match(/\[[^\]]+\]|[\s\S]/g) ?? [];
}

function fits(token: string, character: string): boolean {
  if (token === "?") return true;
  if (token.length < 3) return token === character;
  const inside = token.slice(1, -1);
  const inverted = inside.startsWith("!") || inside.startsWith("^");
  return inClass(inverted ? inside.slice(1) : inside, character) !== inverted;
}

function inClass(members: string, character: string): boolean {
  for (let at = 0; at < members.length; at += 1) {
    const last = members.charAt(at + 2);
    if (members.charAt(at + 1) === "-" && last !== "") {
      if (members.charAt(at) <= character && character <= last) return true;
      at += 2;
    } else if (members.charAt(at) === character) {
      return true;
    }
  }
  return false;
}

/** `a{b,c}` gives `ab` and `ac`. A brace without its partner stands for itself. */
function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  while (open.length > 0 && done.length + open.length <= maxAlternatives) {
    const next = open.pop() ?? "";
    const group = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (!group) {
      done.push(next);
      continue;
    }
    const before = next.slice(0, group.index);
    const after = next.slice(group.index + group[0].length);
    for (const choice of (group[1] ?? "").split(",")) open.push(before + choice + after);
  }
  return done;
}
