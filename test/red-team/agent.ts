/** An agent with a token, as an attacker: keeps what it is told, and the runs it made. */
import type { Envelope } from "../world/callers.ts";
import type { World } from "../world/world.ts";
import type { Attacker } from "./mechanism.ts";

export interface Agent extends Attacker {
  readonly token: string;
  /** Runs that were made by it, oldest first. */
  readonly runs: readonly string[];
  /** Forgets what was heard, and works in another folder from now on. */
  enter(folder: string): void;
}

const waiting = new Set(["running", "waiting_approval"]);

export async function openAgent(world: World, options: { toolset?: string; workspace?: string } = {}): Promise<Agent> {
  const token = await world.token(options);
  const runs: string[] = [];
  let [heard, here] = ["", world.workspace];
  const send = async (tool: string, input: object): Promise<Envelope> => {
    const response = await fetch(`${world.address}/api/v1/tools/${tool}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    const run = response.headers.get("paddock-run");
    if (run !== null && tool !== "get_run") runs.push(run);
    const text = await response.text();
    heard += `${text}\n`;
    return JSON.parse(text) as Envelope;
  };
  const call = async (tool: string, input: object = {}): Promise<Envelope> => {
    let answer = await send(tool, input);
    while (waiting.has(answer.data?.state) && answer.data.run_id !== undefined) {
      answer = await send("get_run", { id: answer.data.run_id });
    }
    return answer;
  };
  let other: Agent | null = null;
  return {
    token,
    get runs() {
      return [...runs, ...(other?.runs ?? [])];
    },
    call,
    async another() {
      other ??= await openAgent(world);
      other.enter(world.workspace);
      return other;
    },
    enter(folder) {
      [heard, here] = ["", folder];
    },
    get heard() {
      return heard;
    },
    async sh(script, timeoutSeconds = 20) {
      const input = { command: script, working_directory: here, timeout_seconds: timeoutSeconds };
      const { data } = await call("run_command", input);
      return `${data.stdout ?? ""}${data.stderr ?? ""}`;
    },
  };
}
