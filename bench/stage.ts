/** Everything that the figures are measured on: the tree, a whole Paddock that works in it, and the echo beside it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startWorld, type World } from "../test/world/world.ts";
import { type Answer, type Client, connect } from "./http-client.ts";
import { makeTree } from "./tree.ts";

export interface Caller {
  client: Client;
  /** The data of a tool's answer, which must be a success. */
  call(tool: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** The answer as it came, not looked into. */
  send(tool: string, input: Readonly<Record<string, unknown>>): Promise<Answer>;
}

export interface Stage extends AsyncDisposable {
  tree: string;
  world: World;
  echo: Client;
  /** Two callers with tokens of their own. */
  caller: Caller;
  neighbour: Caller;
  token: string;
  pids: { hub: number; runner: number };
}

export async function openStage(say: (line: string) => void): Promise<Stage> {
  await using open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "paddock-bench-"));
  open.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const tree = join(folder, "tree");
  mkdirSync(tree);
  say("making a tree of 50,000 files ...");
  makeTree(tree);
  const world = open.use(await startWorld({ settings: { PADDOCK_WORKSPACE: tree } }));
  const echo = open.adopt(connect(await startEcho(open)), (client) => client.close());
  const [token, other] = [await world.token(), await world.token()];
  const [caller, neighbour] = [callerOf(world, token), callerOf(world, other)];
  open.defer(() => caller.client.close());
  open.defer(() => neighbour.client.close());
  say("waiting for the first snapshot ...");
  await firstSnapshot(caller);
  const pids = await world.pids();
  const running = open.move();
  const dispose = () => running.disposeAsync();
  return { tree, world, echo, caller, neighbour, token, pids, [Symbol.asyncDispose]: dispose };
}

function callerOf({ address }: World, token: string): Caller {
  const client = connect(address, { authorization: `Bearer ${token}` });
  const send: Caller["send"] = (tool, input) => client.post(`/api/v1/tools/${tool}`, JSON.stringify(input));
  return {
    client,
    send,
    async call(tool, input) {
      const { body } = await send(tool, input);
      const { ok, summary, data } = JSON.parse(body.toString("utf8"));
      if (!ok) throw new Error(`${tool}: ${summary}`);
      return data;
    },
  };
}

/** A process that ends with its standard input, which ends with us. */
async function startEcho(open: AsyncDisposableStack): Promise<string> {
  const program = fileURLToPath(new URL("echo.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  open.defer(() => void child.stdin.end());
  return firstLine(child);
}

export function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stdout?.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    stdout?.on("end", () => reject(new Error("the program ended without a word")));
  });
}

const longestBaselineMs = 120_000;

async function firstSnapshot(caller: Caller): Promise<void> {
  const end = performance.now() + longestBaselineMs;
  for (let number = 0; performance.now() < end; number += 1) {
    const { checkpoint } = await caller.call("run_command", { command: `echo ${number} > written.txt` });
    if (checkpoint === "full") return;
  }
  throw new Error("the first snapshot of the tree was not made in time");
}
