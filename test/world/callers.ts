/** The ways in which somebody calls a tool, all behind the same function. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { paddockCommand, type World } from "./world.ts";

export interface Envelope {
  ok: boolean;
  tool: string;
  summary: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into the data of many tools.
  data: any;
}

export interface Caller extends AsyncDisposable {
  /** How its calls stand in the audit log. */
  surface: string;
  call(tool: string, input?: Record<string, unknown>): Promise<Envelope>;
}

const clientInfo = { name: "story", version: "1.0.0" };
const bearer = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

interface McpClient {
  callTool(request: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

const mcpCaller = (client: McpClient, surface: string): Caller => ({
  surface,
  async call(tool, input = {}) {
    const { structuredContent } = (await client.callTool({ name: tool, arguments: input })) as {
      structuredContent: Envelope;
    };
    return structuredContent;
  },
  [Symbol.asyncDispose]: () => client.close(),
});

async function httpV2(world: World): Promise<Caller> {
  const client = new ClientV2(clientInfo);
  await client.connect(new HttpV2(new URL(`${world.address}/mcp`), bearer(await world.token())));
  return mcpCaller(client, "mcp");
}

async function httpV1(world: World): Promise<Caller> {
  const client = new ClientV1(clientInfo);
  // The v1 transport's optional properties are typed for a looser compiler than ours.
  const transport = new HttpV1(new URL(`${world.address}/mcp`), bearer(await world.token()));
  await client.connect(transport as unknown as Parameters<typeof client.connect>[0]);
  return mcpCaller(client, "mcp");
}

const stdioServer = ({ environment }: World) => ({
  command: process.execPath,
  args: [paddockCommand, "mcp", "--toolset", "full"],
  env: environment as Record<string, string>,
});

async function stdioV2(world: World): Promise<Caller> {
  const client = new ClientV2(clientInfo);
  await client.connect(new StdioV2(stdioServer(world)));
  return mcpCaller(client, "stdio");
}

async function stdioV1(world: World): Promise<Caller> {
  const client = new ClientV1(clientInfo);
  await client.connect(new StdioV1(stdioServer(world)));
  return mcpCaller(client, "stdio");
}

export async function rest(world: World): Promise<Caller> {
  const token = await world.token();
  return {
    surface: "rest",
    async call(tool, input = {}) {
      const response = await fetch(`${world.address}/api/v1/tools/${tool}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(input),
      });
      return (await response.json()) as Envelope;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function commandLine({ environment }: World): Promise<Caller> {
  return {
    surface: "cli",
    async call(tool, input = {}) {
      const args = [paddockCommand, "call", tool, "--input", JSON.stringify(input), "--json"];
      const run = promisify(execFile)(process.execPath, args, { env: environment });
      const { stdout } = await run.catch((failed: { stdout: string }) => failed);
      return JSON.parse(stdout) as Envelope;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** By the name that a test shows. */
export const callers = {
  "the official client v2 over HTTP": httpV2,
  "the official client v1 over HTTP": httpV1,
  "the official client v2 over stdio": stdioV2,
  "the official client v1 over stdio": stdioV1,
  REST: rest,
  "paddock call": commandLine,
} as const satisfies Record<string, (world: World) => Promise<Caller>>;
