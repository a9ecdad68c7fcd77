/** Says what the policy would decide about a call. */
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { bold, printable, type Shown } from "../shown.ts";

interface Explanation {
  verdict: "allow" | "ask" | "deny";
  assurance: string;
  rules: { id: string; verdict: string; reason: string }[];
  wishes: string[];
  profile: string;
  workspace: string;
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
  const found = await control<Explanation>({
    socket: places.runnerControl,
    method: "POST",
    path: "/policy/explain",
    body: { tool, input },
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

function wordsOf(tool: string, { verdict, assurance, rules, profile, workspace }: Explanation): string {
  const said = {
    allow: "runs without asking",
    ask: `asks you first${assurance === "hub" ? "" : ", and the answer must be given on this machine"}`,
    deny: "is refused",
  } as const;
  const why = rules.map(({ id, verdict: says, reason }) => `  ${id} (${says}): ${reason}`);
  return [`${bold(tool)} ${said[verdict]}.`, ...why, `  Profile ${profile}, workspace ${printable(workspace)}.`].join(
    "\n",
  );
}
