/**
 * The vendors' own clients work with Paddock exactly as `paddock connect` sets them up. Claude Code and Codex are driven by a
 * model server that follows a script, so that a real turn needs no account and no network.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { startModel } from "../real-clients/model.ts";
import { needsRealClients, terminalIn } from "../real-clients/programs.ts";
import { call, claudeAccount, claudeTurn, codexTurn, succeeds, traceOf, useModel } from "../real-clients/turns.ts";
import { startWorld, type World } from "../world/world.ts";

const needed = { ...needs("bwrap", "git"), ...needsRealClients() };

/** What `paddock connect` prints to be typed, with the token in its place. */
async function lineFor(world: World, ...client: string[]): Promise<string> {
  const { text } = JSON.parse(await world.paddock("connect", ...client, "--json")) as { text: string };
  return text.includes("TOKEN") ? text.replace("TOKEN", await world.token({ toolset: "core" })) : text;
}

test("MCP Inspector lists the tools, finds their schemas portable, and calls one, in both eras", needed, async () => {
  await using world = await startWorld();
  const terminal = terminalIn(world);
  const line = await lineFor(world, "inspector");
  for (const era of ["legacy", "modern"]) {
    const { result } = JSON.parse(await succeeds(terminal, `${line} --protocol-era ${era} --strict --format json`));
    assert.ok(result.tools.some(({ name }: { name: string }) => name === "run_command"));
  }
  const asked = `${line.replace("tools/list", "tools/call")} --tool-name agent_status --format json`;
  const { result } = JSON.parse(await succeeds(terminal, asked));
  assert.equal(result.structuredContent.data.workspace, world.workspace);
});

const ways = {
  http: () => [],
  stdio: ({ workspace }: World) => ["--stdio", "--workspace", workspace],
};

for (const way of ["http", "stdio"] as const) {
  test(`Codex makes a turn that runs a command through Paddock, over ${way}`, needed, async () => {
    await using world = await startWorld({ up: way === "http" });
    await using model = await startModel(call);
    const terminal = terminalIn(world);
    await world.paddock("connect", "codex", "--write", ...ways[way](world));
    useModel(world, model.url);
    const token: Record<string, string> =
      way === "http" ? { PADDOCK_CODEX_TOKEN: await world.token({ toolset: "core" }) } : {};
    assert.match(await succeeds(terminal, "codex mcp list", token), /^paddock .* enabled/m);
    const said = await succeeds(terminal, codexTurn, token);
    assert.match(said, /from-42/);
    assert.deepEqual([model.results.length, traceOf(world)], [1, "once\n"]);
  });

  test(`Claude Code makes a turn that runs a command through Paddock, over ${way}`, needed, async () => {
    await using world = await startWorld({ up: way === "http" });
    await using model = await startModel(call);
    const terminal = terminalIn(world);
    const account = claudeAccount(model.url);
    await succeeds(terminal, await lineFor(world, "claude-code", ...ways[way](world)), account);
    assert.match(await succeeds(terminal, "claude mcp list", account), /^paddock: .*Connected/m);
    const said = await succeeds(terminal, claudeTurn, account);
    assert.match(said, /from-42/);
    assert.deepEqual([model.results.length, traceOf(world)], [1, "once\n"]);
  });
}
