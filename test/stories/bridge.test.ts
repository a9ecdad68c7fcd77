/** Tools of a bridged server under names of their own, from the owner's list to a client's call. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { writeServers } from "@paddock/runner/bridge";
import { needs } from "../needs.ts";
import { rest } from "../world/callers.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

const program = readFileSync(join(import.meta.dirname, "../contract/notes-server.fixture.js"), "utf8");

async function connected(world: World, toolset: string): Promise<Client> {
  const client = new Client({ name: "story", version: "1.0.0" });
  const headers = { authorization: `Bearer ${await world.token({ toolset })}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${world.address}/mcp`), { requestInit: { headers } }),
  );
  return client;
}

const ownNames = async (client: Client): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name).filter((name) => name.includes("__"));

test(
  "a bridged tool is listed and called by its own name, by whoever may call bridged tools",
  needs("bwrap"),
  async () => {
    await using world = await startWorld();
    const file = join(world.home, "runner", "bridge.json");
    mkdirSync(join(world.home, "runner"), { recursive: true });
    const notes = {
      id: "notes",
      transport: "stdio",
      command: "node",
      args: ["--input-type=module", "--eval", program],
    };
    writeServers(file, [{ ...notes, transport: "stdio", expose: "all" }]);

    const client = await connected(world, "core");
    await until(async () => (await ownNames(client)).length > 0);
    assert.deepEqual(await ownNames(client), ["notes__echo", "notes__picture", "notes__fail"]);
    const answer = await client.callTool({ name: "notes__echo", arguments: { words: "hello" } });
    assert.deepEqual((answer.structuredContent as { data: object }).data, {
      ...{ server_id: "notes", tool: "echo", structured_content: { said: "hello" }, truncated: false },
      content: [{ type: "text", text: "hello" }],
    });
    assert.equal((await client.callTool({ name: "notes__fail", arguments: {} })).isError, true);
    await client.close();

    const reader = await connected(world, "readonly");
    assert.deepEqual(await ownNames(reader), []);
    const refused = (await reader.callTool({ name: "notes__echo", arguments: { words: "no" } })) as {
      structuredContent: { data: { code: string } };
    };
    assert.equal(refused.structuredContent.data.code, "readonly");
    await reader.close();

    await using http = await rest(world);
    assert.equal((await http.call("notes__echo", { words: "over REST" })).data.structured_content.said, "over REST");
    assert.equal((await http.call("notes__nothing")).data.code, "unknown_tool");

    const audit = readFileSync(join(world.home, "runner", "audit.jsonl"), "utf8");
    const started = audit.split("\n").filter((line) => line.includes('"call.started"'));
    assert.deepEqual(
      started.map((line) => JSON.parse(line)).map(({ tool, input }) => [tool, input.server_id, input.tool]),
      [
        ["mcp_call", "notes", "echo"],
        ["mcp_call", "notes", "fail"],
        ["mcp_call", "notes", "echo"],
      ],
    );
  },
);
