/** Finds rules that can never count, because another one denies all that they speak about. */
import { baseName, isBelow, matchesGlob, matchesHost } from "./patterns.ts";
import type { Condition, ProgramPattern, Rule } from "./rule.ts";

export interface Shadowed {
  rule: Rule;
  by: Rule;
}

export function shadowedRules(rules: readonly Rule[]): Shadowed[] {
  const denying = rules.filter(({ verdict }) => verdict === "deny");
  return rules
    .filter(({ verdict, builtin }) => verdict !== "deny" && !builtin)
    .flatMap((rule) => {
      const by = denying.find(
        (other) => !(rule.override && other.builtin === "yields") && isWithin(rule.when, other.when),
      );
      return by ? [{ rule, by }] : [];
    });
}

/** Whether all that fulfils `inner` fulfils `outer` too, as far as it shows. */
function isWithin(inner: Condition, outer: Condition): boolean {
  return (
    listsWithin(inner, outer) &&
    (!outer.paths || every(inner.paths, (path) => anyFolder(outer.paths, path))) &&
    (!outer.cwd || every(inner.cwd, (path) => anyFolder(outer.cwd, path))) &&
    (!outer.network ||
      every(inner.network, (host) => outer.network?.some((wide) => matchesHost(wide, host)) === true)) &&
    (!outer.programs ||
      every(inner.programs, (one) => outer.programs?.some((wide) => programWithin(one, wide)) === true)) &&
    (!outer.secrets || inner.secrets === true) &&
    (!outer.closed || inner.closed === true) &&
    (!outer.contained || inner.contained === true) &&
    timeWithin(inner, outer)
  );
}

const lists = ["tools", "effects", "profiles", "wishes", "machines", "callers", "servers"] as const;

const listsWithin = (inner: Condition, outer: Condition): boolean =>
  lists.every((key) => {
    const wide: readonly string[] | undefined = outer[key];
    return !wide || every<string>(inner[key], (value) => wide.includes(value));
  });

const every = <T>(list: readonly T[] | undefined, holds: (value: T) => boolean): boolean =>
  list !== undefined && list.length > 0 && list.every(holds);

const anyFolder = (folders: readonly string[] | undefined, path: string): boolean =>
  folders?.some((folder) => isBelow(path, folder)) === true;

function programWithin(inner: ProgramPattern, outer: ProgramPattern): boolean {
  const isNamed =
    inner.name === outer.name || matchesGlob(outer.name, outer.name.includes("/") ? inner.name : baseName(inner.name));
  if (!isNamed || (outer.exact && !(inner.exact && inner.args.length === outer.args.length))) return false;
  return outer.args.every((pattern, index) => {
    const arg = inner.args[index];
    return arg !== undefined && (arg === pattern || matchesGlob(pattern, arg));
  });
}

function timeWithin({ until, hours }: Condition, outer: Condition): boolean {
  if (outer.until !== undefined && (until === undefined || until > outer.until)) return false;
  return !outer.hours || (hours !== undefined && hours.from === outer.hours.from && hours.to === outer.hours.to);
}
