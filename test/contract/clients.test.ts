/** The official clients, which hold each answer against the schema that they were shown, take what Paddock answers. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { tools } from "@paddock/contract/tools";
import { needs } from "../needs.ts";
import { startWorld, type World } from "../world/world.ts";
import { prepareGround } from "./ground.ts";
import { rows } from "./rows.ts";

interface Client extends AsyncDisposable {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(request: { name: string; arguments: Record<string, unknown> }): Promise<Record<string, unknown>>;
}

const info = { name: "contract", version: "1.0.0" };

async function connected(client: ClientV1 | ClientV2, connect: () => Promise<void>): Promise<Client> {
  await connect();
  const { listTools, callTool } = client;
  return {
    listTools: listTools.bind(client) as Client["listTools"],
    callTool: callTool.bind(client) as unknown as Client["callTool"],
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const clients = {
  v1: (url: URL, requestInit: RequestInit) => {
    const client = new ClientV1(info);
    // The v1 transport's optional properties are typed for a looser compiler than ours.
    const transport = new HttpV1(url, { requestInit }) as unknown as Parameters<typeof client.connect>[0];
    return connected(client, () => client.connect(transport));
  },
  v2: (url: URL, requestInit: RequestInit) => {
    const client = new ClientV2(info, { versionNegotiation: { mode: "auto" } });
    return connected(client, () => client.connect(new HttpV2(url, { requestInit })));
  },
};

let world: World;

before(async () => {
  world = await startWorld();
  await prepareGround(world);
});
after(() => world?.[Symbol.asyncDispose]());

/** Rows that need nothing of others and leave the ground as it is, so that each client can make them. */
const standing = rows.filter(({ tool, input }) => {
  const { effect } = tools[tool];
  const isPlain = !Array.isArray(input) && !JSON.stringify(input).includes('"$');
  return isPlain && (effect === "reads" || ["mcp_tools", "mcp_call", "skill_run", "run_command"].includes(tool));
});

for (const [version, connect] of Object.entries(clients)) {
  test(`the official client ${version} takes every kind of answer`, needs("bwrap", "git"), async () => {
    const headers = { authorization: `Bearer ${await world.token()}` };
    await using client = await connect(new URL(`${world.address}/mcp`), { headers });
    await client.listTools();
    for (const { tool, input, code } of standing) {
      const answer = await client.callTool({ name: tool, arguments: input as Record<string, unknown> });
      assert.equal(answer.isError ?? false, code !== undefined, `${tool} ${JSON.stringify(input)}`);
    }
  });
}
