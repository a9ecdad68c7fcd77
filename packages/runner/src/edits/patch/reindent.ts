/** Indents added lines like the file, where a hunk matched it only with indentation ignored. */
import type { Place } from "./locate.ts";

type Indent = (line: string) => string;

/** How to indent added lines; undefined where they fit already or no rule can be seen. */
export function indentTo(lines: readonly string[], place: Place): Indent | undefined {
  if (place.tier !== "indentation" && place.tier !== "punctuation") return undefined;
  const known = knownIndents(lines, place);
  if (!known || [...known].every(([given, found]) => given === found)) return undefined;
  const shift = commonShift(known);
  return (line) => {
    if (line.trim() === "") return line;
    const given = indentOf(line);
    const indent = known.get(given) ?? shift?.(given) ?? given;
    return indent + line.slice(given.length);
  };
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? "";

/** Which indentation of the file each one of the hunk stands for; undefined where one stands for two. */
function knownIndents(lines: readonly string[], place: Place): Map<string, string> | undefined {
  const known = new Map<string, string>();
  let at = place.at;
  for (const { mark, line } of place.lines) {
    if (mark === "+") continue;
    const [given, found] = [indentOf(line), indentOf(lines[at] ?? "")];
    at += 1;
    if (line.trim() === "") continue;
    if ((known.get(given) ?? found) !== found) return undefined;
    known.set(given, found);
  }
  return known;
}

/** What is put before, or taken off, every indentation alike. */
function commonShift(known: ReadonlyMap<string, string>): Indent | undefined {
  const [first] = known;
  if (!first) return undefined;
  const [given, found] = first;
  if (found.endsWith(given)) {
    const more = found.slice(0, found.length - given.length);
    if ([...known].every(([from, to]) => to === more + from)) return (indent) => more + indent;
  }
  if (given.endsWith(found)) {
    const less = given.slice(0, given.length - found.length);
    if ([...known].every(([from, to]) => from === less + to))
      return (indent) => (indent.startsWith(less) ? indent.slice(less.length) : indent);
  }
  return undefined;
}
