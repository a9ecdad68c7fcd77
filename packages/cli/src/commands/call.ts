/** Calls a tool, over the hub's control socket or, with PADDOCK_URL and PADDOCK_TOKEN, over REST. */
import { type Envelope, PaddockError, type Tool } from "@paddock/contract";
import { findTool, tools } from "@paddock/contract/tools";
import { callOverRest, type ToolCall } from "../calls/rest.ts";
import { shownAnswer } from "../calls/shown-answer.ts";
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { rootAt } from "../directory.ts";
import { nearest } from "../nearest.ts";
import { type Shown, table } from "../shown.ts";
import { standardInput } from "../standard-input.ts";
import { inputFromFlags, parametersOf, toolHelp } from "../tool-flags.ts";

const ownFlags = ["--input", "--machine", "--workspace", "--idempotency-key"] as const;
type OwnFlags = Partial<Record<(typeof ownFlags)[number], string>>;

export async function run({ places, environment, args, options }: CommandContext): Promise<Shown> {
  const { own, asJson, rest } = sortOut(args, options);
  const shown = await answerTo(rest, own, options.list === true, { places, environment });
  return asJson ? { ...shown, text: JSON.stringify(shown.json, null, 2) } : shown;
}

async function answerTo(
  [name, ...words]: readonly string[],
  own: OwnFlags,
  listed: boolean,
  { places, environment }: Pick<CommandContext, "places" | "environment">,
): Promise<Shown> {
  if (name === "--help" || name === "-h") return { json: { usage }, text: usage };
  if (name === undefined || name === "--list" || listed) return list();
  const tool = toolNamed(name);
  if (words.includes("--help") || words.includes("-h")) {
    return { json: { tool: tool.name, parameters: parametersOf(tool) }, text: toolHelp(tool) };
  }
  const input = own["--input"] === undefined ? inputFromFlags(tool, words) : await jsonInput(own["--input"], words);
  const { "--machine": machine, "--workspace": workspace } = own;
  const call: ToolCall = {
    tool: tool.name,
    input: machine === undefined ? input : { ...(input as object), machine },
    // A path of another machine means nothing here.
    workspace: machine === undefined ? workspace && rootAt(workspace) : workspace,
    idempotencyKey: own["--idempotency-key"],
  };
  const { PADDOCK_URL: url, PADDOCK_TOKEN: token = "" } = environment;
  const answer = url
    ? await callOverRest(url, token, call)
    : await control<Envelope>({
        ...{ socket: places.hubControl, method: "POST", path: "/call" },
        ...{ body: call, patience: "endless" },
      });
  return shownAnswer(tool, answer);
}

const usage = [
  "Usage: paddock call TOOL [--PARAMETER VALUE ...] [--json]",
  "",
  "Options:",
  "  --list                   list the tools",
  "  --input JSON             all parameters as one JSON object; - reads it from standard input",
  "  --machine NAME           on this machine; `paddock machine list` names them",
  "  --workspace DIR          work in this root",
  "  --idempotency-key KEY    run it once, however often it is sent",
  "  --json                   answer in JSON",
  "",
  "With PADDOCK_URL and PADDOCK_TOKEN it calls over HTTP instead of the socket of this machine.",
  "",
  "Examples:",
  "  paddock call --list",
  "  paddock call read_text_file --path README.md",
  "  paddock call run_command --command 'npm test' --json",
  "  paddock call agent_status --machine laptop",
  "  paddock call edit_file --help",
].join("\n");

/** The command's own flags may stand anywhere among the tool's. */
function sortOut(
  args: readonly string[],
  options: CommandContext["options"],
): { own: OwnFlags; asJson: boolean; rest: string[] } {
  const own: OwnFlags = {};
  for (const flag of ownFlags) {
    const given = options[flag.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof given === "string") own[flag] = given;
  }
  const rest: string[] = [];
  let asJson = options.json === true;
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const flag = ownFlags.find((one) => word === one || word?.startsWith(`${one}=`));
    if (flag) own[flag] = word === flag ? valueAfter(flag, words) : word.slice(flag.length + 1);
    else if (word === "--json") asJson = true;
    else rest.push(word);
  }
  return { own, asJson, rest };
}

function valueAfter(flag: string, words: string[]): string {
  const value = words.shift();
  if (value === undefined) throw new PaddockError("invalid_input", `${flag} needs a value.`);
  return value;
}

function toolNamed(name: string): Tool {
  const tool = findTool(name);
  if (tool) return tool;
  const meant = nearest(name, Object.keys(tools));
  throw new PaddockError(
    "unknown_tool",
    `There is no tool ${JSON.stringify(name)}.`,
    meant === null ? "List them with `paddock call --list`." : `Did you mean \`paddock call ${meant}\`?`,
  );
}

async function jsonInput(text: string, words: readonly string[]): Promise<unknown> {
  if (words.length > 0) {
    throw new PaddockError("invalid_input", `--input holds all parameters; ${words[0]} cannot stand beside it.`);
  }
  const json = text === "-" ? await standardInput() : text;
  try {
    return JSON.parse(json);
  } catch {
    throw new PaddockError("invalid_json", "The value of --input is not valid JSON.", "Give one JSON object.");
  }
}

function list(): Shown {
  const all: Tool[] = Object.values(tools);
  const rows = all.map(({ name, toolset, effect, title }) => [name, toolset, effect, title]);
  return {
    json: all.map(({ name, toolset, effect, title, summary }) => ({ name, toolset, effect, title, summary })),
    text: table(["TOOL", "TOOLSET", "EFFECT", "TITLE"], rows),
  };
}
