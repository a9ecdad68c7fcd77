/** What `paddock connect` writes for a client is what that client needs: its settings are read back and used. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { needs } from "../needs.ts";
import { startWorld } from "../world/world.ts";

const clientInfo = { name: "story", version: "1.0.0" };

test(
  "settings written for Codex and Cursor connect a client, over HTTP and by starting Paddock",
  needs("bwrap"),
  async () => {
    await using world = await startWorld();
    const ownerHome = world.environment.HOME ?? "";

    await world.paddock("connect", "codex", "--write");
    const codex = readFileSync(join(ownerHome, ".codex", "config.toml"), "utf8");
    assert.match(codex, /^bearer_token_env_var = "PADDOCK_CODEX_TOKEN"$/m);
    const url = /^url = "(.*)"$/m.exec(codex)?.[1] ?? "";
    const headers = { authorization: `Bearer ${await world.token()}` };
    const overHttp = new Client(clientInfo);
    await overHttp.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    assert.ok((await overHttp.listTools()).tools.length > 0);
    await overHttp.close();

    await world.paddock("connect", "cursor", "--stdio", "--write");
    const cursor = JSON.parse(readFileSync(join(ownerHome, ".cursor", "mcp.json"), "utf8"));
    const byStdio = new Client(clientInfo);
    await byStdio.connect(new StdioClientTransport({ ...cursor.mcpServers.paddock, cwd: "/" }));
    const { structuredContent } = await byStdio.callTool({ name: "agent_status", arguments: {} });
    assert.equal((structuredContent as { data: { workspace: string } }).data.workspace, world.workspace);
    await byStdio.close();
  },
);

test("a client that cannot be reached is refused with what to do instead", async () => {
  await using world = await startWorld({ up: false });
  const refused = async (...args: string[]) =>
    JSON.parse(await world.paddock("connect", ...args, "--json").catch((failed: { stdout: string }) => failed.stdout))
      .error;
  assert.match((await refused("chatgpt")).nextStep, /docs\/clients\/chatgpt\.md/);
  assert.match((await refused("emacs")).message, /There is no client "emacs"/);
  assert.match((await refused("claude-code", "--write")).nextStep, /without --write/);
});
