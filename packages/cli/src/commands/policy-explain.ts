/** Says what the policy would decide about a call, and why. */
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { bold, dim, printable, type Shown } from "../shown.ts";

interface Explanation {
  verdict: "allow" | "ask" | "deny";
  assurance: "hub" | "device" | "local";
  rules: { id: string; verdict: string; reason: string }[];
  wishes: string[];
  commands: {
    program: string | null;
    args: (string | null)[];
    through: string[];
    kind: string;
    leadsTo: string[];
    verdict: string;
    rule: string | null;
  }[];
  doubts: { reason: string; text: string }[];
  profile: string;
  workspace: string;
  limits: string[];
}

export async function run({ places, args, options }: CommandContext): Promise<Shown> {
  const tool = textOption(options, "tool") ?? "run_command";
  const json = textOption(options, "input");
  if (json === undefined && args.length === 0 && tool === "run_command") {
    throw new PaddockError(
      "invalid_input",
      "There is nothing to explain.",
      "Name a command: paddock policy explain -- npm test",
    );
  }
  const input = inputOf(json, args, tool);
  const workspace = textOption(options, "workspace");
  const found = await control<Explanation>({
    socket: places.runnerControl,
    method: "POST",
    path: "/policy/explain",
    body: { tool, input, ...(workspace === undefined ? {} : { workspace }) },
  });
  return { json: { tool, ...found }, text: wordsOf(tool, found) };
}

function inputOf(json: string | undefined, words: readonly string[], tool: string): unknown {
  if (json === undefined) return tool === "run_command" ? { command: words.join(" ") } : {};
  try {
    return JSON.parse(json);
  } catch {
    throw new PaddockError("invalid_json", "The value of --input is not valid JSON.");
  }
}

const said = { allow: "runs without asking", ask: "asks you first", deny: "is refused" } as const;
const worth = {
  hub: "",
  device: ", and wants an answer that one of your devices signs or that is given on this machine",
  local: ", and the answer must be given on this machine",
} as const;

function wordsOf(tool: string, found: Explanation): string {
  const { verdict, assurance, rules, commands, doubts, profile, workspace, limits } = found;
  return [
    `${bold(tool)} ${said[verdict]}${verdict === "ask" ? worth[assurance] : ""}.`,
    ...rules.map(({ id, verdict: says, reason }) => `  ${id} (${says}): ${printable(reason)}`),
    ...(commands.length === 0 ? [] : ["", "It would start:"]),
    ...commands.map(commandWords),
    ...(doubts.length === 0 ? [] : ["", "It may start more:"]),
    ...doubts.map(({ reason, text }) => `  ${printable(reason)} ${dim(oneLine(text))}`),
    "",
    `Profile ${profile}, workspace ${printable(workspace)}.`,
    ...limits.map(printable),
  ].join("\n");
}

function commandWords({
  program,
  args,
  through,
  kind,
  leadsTo,
  verdict,
  rule,
}: Explanation["commands"][number]): string {
  const words = [program ?? "(something)", ...args.map((arg) => arg ?? "…")].map(oneLine).join(" ");
  const [path, ...links] = leadsTo;
  const file = path === undefined ? "" : ` = ${[path, ...links].map(oneLine).join(" -> ")}`;
  const where = kind === "program" ? (path === undefined ? " (not found)" : file) : ` (${kind})`;
  const inside = through.length === 0 ? "" : dim(` in ${through.map(oneLine).join(", ")}`);
  return `  ${bold(words)}${where}${inside}: ${verdict}${rule === null ? ", as no rule speaks about it" : ` by ${rule}`}`;
}

const oneLine = (text: string): string => printable(text).replaceAll(/\s+/g, " ").slice(0, 200);
