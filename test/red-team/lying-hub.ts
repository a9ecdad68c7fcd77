/** A hub that somebody has taken over, at the socket that the machine's runner dials: it says whatever it likes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "@paddock/contract";
import { openHubSocket } from "../../packages/runner/src/link/hub-socket.fixture.ts";
import type { Envelope } from "../world/callers.ts";
import { until } from "../world/until.ts";
import { paddockCommand, type World } from "../world/world.ts";
import type { Agent } from "./agent.ts";
import { ownerOf } from "./owner.ts";

/** What the runner is told of who asks, where a row does not say otherwise. */
export const anybody = { id: "tok_red", name: "red", surface: "rest", toolset: "full", workspaces: [] };

const longestMs = 15_000;

/** What the runner says to what is said to it; to anything else it says nothing. */
const answers = {
  call: /"type":"(result|question)"/,
  query: /"type":"(result|no_run|state)"/,
  answer: /"type":"answer_(taken|refused)"/,
};

/** Starts the runner of a world that is not up, with this hub on the other side. */
export async function openLyingHub(world: World, open: AsyncDisposableStack): Promise<Agent> {
  let [heard, here, channel] = ["", world.workspace, 0];
  const folder = join(world.home, "hub");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socket = open.use(
    await openHubSocket(join(folder, "link.sock"), (text) => {
      heard += `${text}\n`;
    }),
  );
  const start = () => spawn(process.execPath, [paddockCommand, "runner"], { env: world.environment, stdio: "ignore" });
  let runner = start();
  const end = async (signal: NodeJS.Signals) => {
    runner.kill(signal);
    await once(runner, "exit");
  };
  open.defer(() => end("SIGTERM"));
  const runs: string[] = [];
  /** The runner ends a link on which it hears what is no frame, and dials again. */
  const say = async (frame: object): Promise<string> => {
    const link = await until(() => socket.link);
    channel += 1;
    const { type, run = newId("run") } = frame as { type: string; run?: string };
    const from = heard.length;
    const whole =
      type === "call" ? { channel, run, principal: anybody, deadline: Date.now() + longestMs, ...frame } : frame;
    if (type === "call" && !runs.includes(run)) runs.push(run);
    link.send(JSON.stringify(whole));
    const expected = answers[type as keyof typeof answers];
    const end = Date.now() + (expected ? longestMs : 200);
    while (!expected?.test(heard.slice(from)) && socket.link === link && Date.now() < end) await wait(5);
    // What belongs to it comes right behind.
    await wait(50);
    return heard.slice(from);
  };
  const call = async (tool: string, input: object = {}): Promise<Envelope> => {
    const said = await say({ type: "call", tool, input });
    const envelope = said.split("\n").find((line) => line.startsWith('{"ok"')) ?? '{"ok":false,"data":{"code":"none"}}';
    return JSON.parse(envelope) as Envelope;
  };
  const agent: Agent = {
    token: "",
    runs,
    call,
    owner: ownerOf(world),
    say,
    async restart() {
      await end("SIGKILL");
      await until(() => !socket.link);
      runner = start();
      await until(() => socket.link);
    },
    send: () => Promise.reject(new Error("A hub that was taken over has no cage.")),
    get heard() {
      return heard;
    },
    enter(next) {
      [heard, here] = ["", next];
    },
    async sh(command) {
      const { data } = await call("run_command", { command, working_directory: here });
      return `${data.stdout ?? ""}${data.stderr ?? ""}`;
    },
    another: async () => agent,
    http: () => Promise.reject(new Error("A hub that was taken over makes no requests to itself.")),
  };
  await until(() => socket.link);
  return agent;
}
