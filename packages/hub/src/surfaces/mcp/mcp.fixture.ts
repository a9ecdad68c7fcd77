/** For tests of this folder: the surface behind a bare server, with runs that answer from a script instead of a machine. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { defineTool, newId, ownMachine, PaddockError, type Principal, type RunId, type Tool } from "@paddock/contract";
import * as z from "zod";
import type { About, LinkedMachine, Machine, ShownMachines } from "../../machines/machine.ts";
import type { Answer, CallRequest, Runs } from "../../runs/runs.ts";
import type { Extension } from "./extension.ts";
import { mcpSurface } from "./surface.ts";

export const about: About = {
  instructions: "Work in /srv/app.",
  workspace: "/srv/app",
  roots: [{ path: "/srv/app", write: true }],
  profile: "workspace",
  sandbox: "bwrap",
  bridged: false,
  bridgedTools: [],
};

export interface ScriptedMachine extends Machine {
  set(about: About | null): void;
}

export function scriptedMachine(): ScriptedMachine {
  const listeners = new Set<() => void>();
  let now: About | null = about;
  return {
    id: ownMachine,
    name: "test",
    labels: [],
    disabled: false,
    online: true,
    lastSeenAt: null,
    get about() {
      return now;
    },
    set(next) {
      now = next;
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The only machine there is. */
export const only = (machine: Machine): ShownMachines => ({
  list: () => [machine as LinkedMachine],
  standard: machine,
  onChange: (listener) => machine.onChange(() => listener(machine as LinkedMachine)),
});

export const completed = (run: RunId, data: object, more: Partial<Answer> = {}): Answer => ({
  run,
  state: "completed",
  ok: true,
  envelope: Buffer.from(JSON.stringify({ ok: true, tool: "read_text_file", summary: "Read.", data })),
  content: null,
  ...more,
});

export interface ScriptedRuns extends Runs {
  readonly calls: CallRequest[];
  readonly cancelled: RunId[];
}

export function scriptedRuns(script: (call: CallRequest, run: RunId) => Answer | Promise<Answer>): ScriptedRuns {
  const calls: CallRequest[] = [];
  const cancelled: RunId[] = [];
  return {
    calls,
    cancelled,
    async call(call) {
      calls.push(call);
      const run = newId("run");
      call.onRun?.(run);
      return script(call, run);
    },
    get: () => Promise.reject(new Error("The MCP surface does not fetch runs.")),
    list: () => [],
    async cancel(_principal, run) {
      cancelled.push(run);
    },
  };
}

export const principalOf = (id: string): Principal => ({
  id,
  name: id,
  surface: "mcp",
  toolset: "full",
  workspaces: [],
});

const declared = {
  title: "Read a text file",
  summary: "Read a text file.",
  effect: "reads",
  toolset: "core",
  input: z.object({ path: z.string() }),
  output: z.object({ path: z.string(), content: z.string() }),
} as const;
export const shownTools: readonly Tool[] = ["read_text_file", "write_file", "mcp_call"].map((name) =>
  defineTool({ ...declared, name }),
);

export interface World extends AsyncDisposable {
  url: string;
  machine: ScriptedMachine;
  openStreams(): number;
  endStreams(principal: string): void;
  /** Sends a message as a bare client would. */
  post(message: unknown, headers?: Record<string, string>, path?: string): Promise<Response>;
}

/** The principal is whoever the bearer token names. */
export async function startSurface(
  runs: Runs,
  more: { extension?: Extension; sessionKey?: Buffer; machine?: ScriptedMachine } = {},
): Promise<World> {
  const machine = more.machine ?? scriptedMachine();
  const surface = mcpSurface({
    runs,
    machines: only(machine),
    toolsFor: () => shownTools.filter((tool) => machine.about?.bridged || !tool.name.startsWith("mcp_")),
    narrow(principal, { toolset, workspace }) {
      if (toolset === "core" || toolset === undefined)
        return { ...principal, workspaces: workspace ? [workspace] : [] };
      throw new PaddockError("forbidden", "No.");
    },
    version: "0.0.1",
    sessionKey: more.sessionKey ?? Buffer.alloc(32, 7),
    log: { info() {}, warn() {}, error() {} },
    ...(more.extension ? { extension: more.extension } : {}),
  });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const principal = principalOf(request.headers.authorization?.replace("Bearer ", "") ?? "anyone");
    await surface.handle(request, response, principal, Buffer.concat(chunks));
  });
  const url = await listen(server);
  return {
    url,
    machine,
    openStreams: () => surface.openStreams,
    endStreams: surface.endStreams,
    post: (message, headers = {}, path = "/mcp") =>
      fetch(new URL(path, url), {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
        body: typeof message === "string" ? message : JSON.stringify(message),
      }),
    async [Symbol.asyncDispose]() {
      await surface.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}
