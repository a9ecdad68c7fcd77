/**
 * The replacement of a regular expression: `$1` to `$99` and `$<name>` are groups, `$&` the whole match, `$$` a dollar sign.
 * Anything else stands for itself.
 */

/** Literal text, or the number of a group; 0 is the whole match. */
export type TemplatePart = string | number;

export function parseTemplate(
  template: string,
  groupCount: number,
  names: Readonly<Record<string, number>>,
): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (const sign of template.matchAll(/\$(?:\$|&|\d{1,2}|<([^>]*)>)/g)) {
    const { text, part } = meaning(sign[0], sign[1], groupCount, names);
    if (part === undefined) continue;
    parts.push(template.slice(from, sign.index), part);
    from = sign.index + text.length;
  }
  parts.push(template.slice(from));
  return parts.filter((part) => part !== "");
}

/** What a sign stands for, and how much of it: with one group "$10" is "$1" and a zero. */
function meaning(
  sign: string,
  name: string | undefined,
  groupCount: number,
  names: Readonly<Record<string, number>>,
): { text: string; part?: TemplatePart } {
  if (sign === "$$") return { text: sign, part: "$" };
  if (sign === "$&") return { text: sign, part: 0 };
  if (name !== undefined) return Object.hasOwn(names, name) ? { text: sign, part: names[name] ?? "" } : { text: sign };
  const found = [sign, sign.slice(0, 2)].find((text) => {
    const group = Number(text.slice(1));
    return group >= 1 && group <= groupCount;
  });
  return found === undefined ? { text: sign } : { text: found, part: Number(found.slice(1)) };
}
