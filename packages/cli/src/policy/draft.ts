/** A rule from the words and options of the command line, as the runner takes it. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import { type CommandContext, countOption, textOption } from "../command.ts";

export type Verdict = "allow" | "ask" | "deny";

const reasons = {
  allow: "The owner allows it.",
  ask: "The owner wants to be asked.",
  deny: "The owner does not allow it.",
} as const satisfies Record<Verdict, string>;

/** Options that every verb which adds a rule takes. */
export const ruleOptions = [
  ["--tool <names...>", "calls of these tools"],
  ["--path <paths...>", "calls on these files and folders"],
  ["--cwd <dirs...>", "only what starts in one of these folders"],
  ["--network <hosts...>", "what reaches these hosts: example.org, *.example.org, example.org:443"],
  ["--server <names...>", "calls of bridged servers, or of one of their tools: github, github/delete_*"],
  ["--caller <names...>", "only these tokens, by name or id"],
  ["--machine <names...>", "only on these machines"],
  ["--exactly", "the arguments are all there are"],
  ["--uncaged", "what runs outside of the cage"],
  ["--beyond", "the paths as a wish beyond the roots"],
  ["--any-host", "the network, whichever host"],
  ["--minutes <count>", "only for so many minutes"],
  ["--hours <from-to>", "only between these times of the day: 09:00-18:00"],
  ["--reason <text>", "what is said to you and to the caller"],
  ["--id <id>", "the rule's name; made from what it says when absent"],
] as const;

const longestMinutes = 366 * 24 * 60;

export function draftOf(verdict: Verdict, { args, options }: CommandContext): Record<string, unknown> {
  const [program, ...rest] = args;
  const minutes = countOption(options, "minutes", { min: 1, max: longestMinutes });
  const draft = {
    id: textOption(options, "id"),
    verdict,
    reason: textOption(options, "reason") ?? reasons[verdict],
    program,
    args: rest.length > 0 ? rest : undefined,
    exact: options.exactly === true || undefined,
    tools: listOption(options, "tool"),
    paths: listOption(options, "path")?.map(placeAt),
    cwd: listOption(options, "cwd")?.map(placeAt),
    network: listOption(options, "network"),
    server: listOption(options, "server"),
    caller: listOption(options, "caller"),
    machine: listOption(options, "machine"),
    wishes: wishesOf(options),
    hours: textOption(options, "hours"),
    until: minutes === undefined ? undefined : new Date(Date.now() + minutes * 60_000).toISOString(),
    assurance: textOption(options, "assurance"),
    override: options.override === true || undefined,
  };
  const said = Object.entries(draft).filter(([, value]) => value !== undefined);
  if (said.every(([key]) => ["id", "verdict", "reason", "until", "hours"].includes(key))) throw nothingNamed(verdict);
  return Object.fromEntries(said);
}

function wishesOf(options: CommandContext["options"]): string[] | undefined {
  const wishes = [
    ...(options.uncaged === true ? ["no_cage"] : []),
    ...(options.network !== undefined || options.anyHost === true ? ["network"] : []),
    ...(options.beyond === true ? ["beyond"] : []),
  ];
  return wishes.length === 0 ? undefined : wishes;
}

function listOption(options: CommandContext["options"], name: string): string[] | undefined {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** As it is on this machine, links followed; a place may be named before it is there. */
function placeAt(named: string): string {
  const path = resolve(named);
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const nothingNamed = (verdict: Verdict): PaddockError =>
  new PaddockError(
    "invalid_input",
    "The rule would speak about everything.",
    `Name a command, tools or paths: paddock policy ${verdict} -- git push`,
  );
