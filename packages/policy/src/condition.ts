/** Whether a rule's condition holds for a request. For rules that ask or deny a doubt counts; nothing is allowed on a doubt. */
import { isBelow, matchesGlob, matchesHost } from "./patterns.ts";
import { type Certainty, covers, speakOf } from "./programs.ts";
import type { Moment, Request, Verdict } from "./request.ts";
import type { Condition, Rule, Wish } from "./rule.ts";
import { looksSecret } from "./secret-names.ts";

/** The wishes of a request beyond what its tool gives anyway. */
export function wishesOf({ wants }: Request): readonly Wish[] {
  const wishes: Wish[] = [];
  if (wants.network) wishes.push("network");
  if (wants.noCage) wishes.push("no_cage");
  if (wants.beyond !== undefined && wants.beyond.length > 0) wishes.push("beyond");
  if (wants.confirm) wishes.push("confirm");
  return wishes;
}

/** Whether a rule that asks or denies, or a built-in one, speaks about the request. */
export function speaks(rule: Rule, request: Request, moment: Moment): Certainty {
  const { programs } = rule.when;
  const besides = speaksBesidesPrograms(rule, request, moment);
  return programs === undefined || besides === "no" ? besides : least(besides, speakOf(programs, request.commands));
}

/** Whether what the request would start decides whether the rule speaks. */
export function dependsOnCommands(rules: readonly Rule[], request: Request, moment: Moment): boolean {
  return (
    request.wants.command !== undefined &&
    rules.some((rule) => rule.when.programs && speaksBesidesPrograms(rule, request, moment) !== "no")
  );
}

function speaksBesidesPrograms({ when, verdict }: Rule, request: Request, moment: Moment): Certainty {
  if (!fits(when, request) || !isInTime(when, verdict, moment)) return "no";
  if (!wishesSpeak(when, request)) return "no";
  if (when.secrets && secretPaths(request).length === 0) return "no";
  if (when.closed && !request.closed) return "no";
  const paths = when.paths ? pathsSpeak(when.paths, request) : "yes";
  const cwd = when.cwd ? cwdSpeaks(when.cwd, request) : "yes";
  return least(paths, least(cwd, when.network ? networkSpeaks(when.network, request) : "yes"));
}

/**
 * Whether an owner's rule allows the request besides its commands: it must name every wish and every path, and a file that
 * may hold secrets by its path.
 */
export function allowsBesidesPrograms({ when, verdict }: Rule, request: Request, moment: Moment): boolean {
  if (!fits(when, request) || !isInTime(when, verdict, moment)) return false;
  if (!wishesAllowed(when, request) || !pathsAllowed(when, request)) return false;
  const { hosts } = request.wants;
  if (when.network && !hosts?.every((host) => when.network?.some((pattern) => matchesHost(pattern, host))))
    return false;
  return !when.cwd || (request.cwd !== undefined && isBelowAny(request.cwd, when.cwd));
}

/**
 * The rules among `rules` that together allow every command of the request; none when one command is left or in doubt, or a
 * file is opened that no rule about programs speaks of.
 */
export function allowingCommands(rules: readonly Rule[], { commands }: Request): readonly Rule[] {
  if (!commands || commands.unresolved.length > 0) return [];
  if (commands.redirects.some(({ path }) => path !== "/dev/null")) return [];
  const used = new Set<Rule>();
  for (const command of commands.list) {
    const rule = rules.find(({ when }) => when.programs?.some((pattern) => covers(pattern, command)));
    if (!rule) return [];
    used.add(rule);
  }
  return [...used];
}

function wishesSpeak({ wishes, contained }: Condition, request: Request): boolean {
  if (!wishes && !contained) return true;
  const own = wishesOf(request);
  return contained ? own.length === 0 : own.some((wish) => wishes?.includes(wish));
}

function wishesAllowed({ wishes }: Condition, request: Request): boolean {
  const own = wishesOf(request);
  return own.length === 0 ? wishes === undefined : own.every((wish) => wishes?.includes(wish));
}

function pathsAllowed({ paths }: Condition, request: Request): boolean {
  if (!paths) return secretPaths(request).length === 0;
  const own = named(request);
  return own.length > 0 && own.every((path) => isBelowAny(path, paths));
}

function fits(when: Condition, { tool, effect, profile, machine, principal, caller, wants }: Request): boolean {
  return (
    (!when.servers || isCalled(when.servers, wants)) &&
    (!when.tools || when.tools.includes(tool)) &&
    (!when.effects || when.effects.includes(effect)) &&
    (!when.profiles || when.profiles.includes(profile)) &&
    (!when.machines || when.machines.includes(machine)) &&
    (!when.callers || when.callers.includes(principal) || when.callers.includes(caller))
  );
}

function isCalled(servers: readonly string[], { server, serverTool }: Request["wants"]): boolean {
  if (server === undefined) return false;
  return servers.some((pattern) => matchesGlob(pattern, pattern.includes("/") ? `${server}/${serverTool}` : server));
}

function isInTime({ until, hours }: Condition, verdict: Verdict, { now, latest, minute }: Moment): boolean {
  if (until !== undefined && (verdict === "allow" ? latest : now) >= until) return false;
  if (!hours) return true;
  const { from, to } = hours;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Each path of a call by both of its names. */
function named({ wants }: Request): string[] {
  const paths: string[] = [];
  for (const { path, real } of wants.paths ?? []) paths.push(path, ...(real === undefined ? [] : [real]));
  for (const { path } of wants.beyond ?? []) paths.push(path);
  return paths;
}

const isBelowAny = (path: string, folders: readonly string[] = []): boolean =>
  folders.some((folder) => isBelow(path, folder));

/** Tools that show the names in a folder, and nothing of what lies in it. */
const shallow: ReadonlySet<string> = new Set(["list_directory", "directory_tree", "glob", "create_directory"]);

/** A call on a folder may come to what lies in it. */
function pathsSpeak(folders: readonly string[], request: Request): Certainty {
  const paths = named(request);
  if (paths.some((path) => isBelowAny(path, folders))) return "yes";
  if (shallow.has(request.tool)) return "no";
  return paths.some((path) => folders.some((folder) => isBelow(folder, path))) ? "maybe" : "no";
}

/** A text that changes its directory may start the rest elsewhere. */
function cwdSpeaks(folders: readonly string[], { cwd, commands }: Request): Certainty {
  if (cwd === undefined) return "maybe";
  if (isBelowAny(cwd, folders)) return "yes";
  return commands?.list.some(({ program }) => program !== null && changers.has(program)) ? "maybe" : "no";
}

const changers: ReadonlySet<string> = new Set(["cd", "pushd", "popd"]);

function networkSpeaks(patterns: readonly string[], { wants: { hosts, network } }: Request): Certainty {
  if (hosts === undefined) return network ? "maybe" : "no";
  return hosts.some((host) => patterns.some((pattern) => matchesHost(pattern, host))) ? "yes" : "no";
}

function secretPaths(request: Request): string[] {
  const { workspace } = request;
  const inside = (path: string) => (isBelow(path, workspace) ? path.slice(workspace.length) : path);
  return named(request).filter((path) => looksSecret(inside(path)));
}

const worth = { no: 0, maybe: 1, yes: 2 } as const satisfies Record<Certainty, number>;
const least = (a: Certainty, b: Certainty): Certainty => (worth[a] <= worth[b] ? a : b);
