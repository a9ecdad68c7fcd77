/** What `paddock connect` writes for a client is what that client needs: its settings are read back and used. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { needs } from "../needs.ts";
import { startWorld, type World } from "../world/world.ts";

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

const answered = async (world: World, ...args: string[]) =>
  JSON.parse(await world.paddock("connect", ...args, "--json").catch((failed: { stdout: string }) => failed.stdout));

test("a client that cannot be reached is refused with what to do instead", async () => {
  await using world = await startWorld({ up: false });
  const refused = async (...args: string[]) => (await answered(world, ...args)).error;
  assert.match((await refused("chatgpt")).nextStep, /public HTTPS address first .* docs\/clients\/chatgpt\.md/);
  assert.match((await refused("gpt-action", "--url", "http://192.0.2.1:7420")).message, /out of reach/);
  assert.match((await refused("chatgpt", "--stdio")).message, /starts no servers/);
  assert.match((await refused("emacs")).message, /There is no client "emacs"/);
  assert.match((await refused("claude-code", "--write")).nextStep, /without --write/);
  assert.match((await refused("codex", "--url", "https://me@hub.example")).message, /not the address of a hub/);
  assert.match((await refused("codex", "--url", "https://hub.example", "--stdio")).nextStep, /--stdio or --url/);
  assert.match((await refused("codex", "--auth", "password")).message, /sign-in or token/);
});

test("clients of a public address sign in, unless a token is asked for; Claude on this machine starts Paddock itself", async () => {
  const settings = { PADDOCK_PUBLIC_URL: "https://paddock.example.org/" };
  await using world = await startWorld({ up: false, settings });
  const text = async (...args: string[]): Promise<string> => (await answered(world, ...args)).text;
  const mcp = "https://paddock.example.org/mcp";
  assert.equal(await text("claude-code"), `claude mcp add --transport http --scope user paddock ${mcp}`);
  assert.equal(await text("codex"), `[mcp_servers.paddock]\nurl = "${mcp}"`);
  assert.match(await text("codex", "--auth", "token"), /bearer_token_env_var/);
  assert.deepEqual(JSON.parse(await text("cursor")), { mcpServers: { paddock: { url: mcp } } });
  assert.deepEqual(JSON.parse(await text("vscode")), { servers: { paddock: { type: "http", url: mcp } } });
  assert.equal(await text("claude"), `Name:           Paddock\nURL:            ${mcp}`);
  assert.match(await text("chatgpt"), new RegExp(`${mcp}\nAuthentication: +OAuth$`));
  assert.equal(await text("gpt-action"), "https://paddock.example.org/api/actions.json");
  assert.match(await text("claude", "--stdio"), /"mcpServers"/);

  const elsewhere = "https://hub.example.org:8443";
  assert.match(await text("codex", "--url", elsewhere), /^url = "https:\/\/hub\.example\.org:8443\/mcp"$/m);
  await using inside = await startWorld({ up: false, settings: { PADDOCK_URL: elsewhere } });
  assert.match((await answered(inside, "claude")).text, /hub\.example\.org:8443/);
  await using here = await startWorld({ up: false });
  assert.match((await answered(here, "claude")).text, /"mcpServers"/);
});
