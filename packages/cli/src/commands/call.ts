/** Calls a tool, over the hub's control socket or, with PADDOCK_URL and PADDOCK_TOKEN, over REST. */
import { resolve } from "node:path";
import { type Envelope, type ErrorCode, errors, PaddockError, type Tool } from "@paddock/contract";
import { findTool, tools } from "@paddock/contract/tools";
import type { CommandContext } from "../command.ts";
import { control, failureOf, isErrorAnswer } from "../control/request.ts";
import { bold, exitCodeOf, printable, type Shown, table } from "../shown.ts";
import { inputFromFlags, toolHelp } from "../tool-flags.ts";

const ownFlags = ["--input", "--workspace", "--idempotency-key"] as const;
type OwnFlags = Partial<Record<(typeof ownFlags)[number], string>>;

export async function run({ places, environment, args, options }: CommandContext): Promise<Shown> {
  const { own, asJson, rest } = sortOut(args, options);
  const [name, ...words] = rest;
  if (name === undefined || options.list === true || name === "--list") return list();
  if (name === "--help")
    return {
      json: null,
      text: "Usage: paddock call TOOL [--PARAMETER VALUE ...] [--json]\nList the tools with: paddock call --list",
    };
  const tool = findTool(name);
  if (!tool)
    throw new PaddockError("unknown_tool", `There is no tool ${name}.`, "List them with `paddock call --list`.");
  if (words.includes("--help")) return { json: null, text: toolHelp(tool) };
  const input = own["--input"] === undefined ? inputFromFlags(tool, words) : await jsonInput(own["--input"]);
  const request = {
    tool: tool.name,
    input,
    workspace: own["--workspace"] && resolve(own["--workspace"]),
    idempotencyKey: own["--idempotency-key"],
  };
  const answer = environment.PADDOCK_URL
    ? await overRest(environment.PADDOCK_URL, environment.PADDOCK_TOKEN ?? "", request)
    : await control<Envelope>({ socket: places.hubControl, method: "POST", path: "/call", body: request });
  return { ...shown(tool, answer), ...(asJson ? { text: JSON.stringify(answer, null, 2) } : {}) };
}

interface Request {
  tool: string;
  input: unknown;
  workspace?: string | undefined;
  idempotencyKey?: string | undefined;
}

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
  let asJson = false;
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const flag = ownFlags.find((one) => one === word);
    if (flag) own[flag] = words.shift() ?? "";
    else if (word === "--json") asJson = true;
    else rest.push(word);
  }
  return { own, asJson, rest };
}

async function jsonInput(text: string): Promise<unknown> {
  try {
    return JSON.parse(text === "-" ? await standardInput() : text);
  } catch {
    throw new PaddockError("invalid_json", "The value of --input is not valid JSON.");
  }
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function overRest(
  url: string,
  token: string,
  { tool, input, workspace, idempotencyKey }: Request,
): Promise<Envelope> {
  const address = new URL(`/api/v1/tools/${tool}`, url);
  if (workspace) address.searchParams.set("workspace", workspace);
  const response = await fetch(address, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
      ...(idempotencyKey ? { "idempotency-key": idempotencyKey } : {}),
    },
    body: JSON.stringify(input),
  });
  const value: unknown = await response.json();
  if (isErrorAnswer(value)) throw failureOf(value);
  return value as Envelope;
}

function list(): Shown {
  const all: Tool[] = Object.values(tools);
  const rows = all.map(({ name, toolset, effect, title }) => [name, toolset, effect, title]);
  return {
    json: all.map(({ name, toolset, effect, title, summary }) => ({ name, toolset, effect, title, summary })),
    text: table(["TOOL", "TOOLSET", "EFFECT", ""], rows),
  };
}

function shown(tool: Tool, answer: Envelope): Shown {
  if (!tool.envelope) return { json: answer, text: JSON.stringify(answer, null, 2) };
  if (!answer.ok) {
    const { code, message, next_step } = answer.data;
    return {
      json: answer,
      text: `${bold(code)}: ${printable(message)}\n  ${printable(next_step)}`,
      exitCode: code in errors ? exitCodeOf(code as ErrorCode) : 1,
    };
  }
  return { json: answer, text: wordsOf(answer.summary, answer.data) };
}

/** The summary, then the fields: texts of several lines as they are, the rest on a line each. */
function wordsOf(summary: string, data: unknown): string {
  const fields = Object.entries((data ?? {}) as Record<string, unknown>).map(([key, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text.includes("\n") ? `${bold(key)}:\n${printable(text)}` : `${bold(key)}: ${printable(text)}`;
  });
  return [printable(summary), ...fields].join("\n");
}
