/** An agent with a token, as an attacker: keeps what it is told, and the runs it made. */
import type { Envelope } from "../world/callers.ts";
import type { World } from "../world/world.ts";
import { send } from "./http.ts";
import type { Attacker, HttpAnswer, HttpRequest } from "./mechanism.ts";
import { ownerOf } from "./owner.ts";

export interface Agent extends Attacker {
  /** Forgets what was heard, and works in another folder from now on. */
  enter(folder: string): void;
}

const waiting = new Set(["running", "waiting_approval"]);

export async function openAgent(world: World, options: { toolset?: string; workspace?: string } = {}): Promise<Agent> {
  const token = await world.token(options);
  const runs: string[] = [];
  let [heard, here] = ["", world.workspace];
  const http = async ({ headers, ...request }: HttpRequest): Promise<HttpAnswer> => {
    const answer = await send(world.address, {
      ...request,
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
    heard += `${answer.text}\n`;
    return answer;
  };
  const ask = async (tool: string, input: object): Promise<Envelope> => {
    const { headers, text } = await http({ method: "POST", path: `/api/v1/tools/${tool}`, body: input });
    const run = headers["paddock-run"];
    if (typeof run === "string" && tool !== "get_run") runs.push(run);
    return JSON.parse(text) as Envelope;
  };
  const call = async (tool: string, input: object = {}): Promise<Envelope> => {
    let answer = await ask(tool, input);
    while (waiting.has(answer.data?.state) && answer.data.run_id !== undefined) {
      answer = await ask("get_run", { id: answer.data.run_id });
    }
    return answer;
  };
  const others = new Map<string, Agent>();
  return {
    token,
    get runs() {
      return [...runs, ...[...others.values()].flatMap((other) => other.runs)];
    },
    call,
    http,
    owner: ownerOf(world),
    say: () => Promise.reject(new Error("An agent is no hub.")),
    restart: () => Promise.reject(new Error("An agent restarts nothing.")),
    send: () => Promise.reject(new Error("An agent has a cage of its own.")),
    async another(token = {}) {
      const key = JSON.stringify(token);
      const other = others.get(key) ?? (await openAgent(world, token));
      others.set(key, other);
      other.enter(here);
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
