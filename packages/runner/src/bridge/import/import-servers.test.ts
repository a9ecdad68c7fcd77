import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { makePlace, type TestPlace } from "../../tools/place.fixture.ts";
import { writeServers } from "../config.ts";
import { importServers } from "./import-servers.ts";
import type { ImportSource } from "./sources.ts";

function inHome(place: TestPlace, files: Record<string, string>): string {
  const home = join(place.state, "someone");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(home, dirname(path)), { recursive: true });
    writeFileSync(join(home, path), content);
  }
  return home;
}

const off = { enabled: false, expose: "meta_only", tools: [], shared: false } as const;
const stdio = { ...off, transport: "stdio", args: [], env: {}, network: false } as const;
const http = { ...off, transport: "http", headers: {} } as const;

const rows: { source: ImportSource; home: Record<string, string>; work: Record<string, string>; servers: unknown[] }[] =
  [
    {
      source: "claude-code",
      home: {
        ".claude.json": JSON.stringify({
          mcpServers: { github: { type: "stdio", command: "gh-mcp", args: ["-q"], env: { TOKEN: "t" } } },
          projects: {
            WORKSPACE: { mcpServers: { local: { command: "here" } } },
            "/other": { mcpServers: { no: { command: "x" } } },
          },
        }),
      },
      work: { ".mcp.json": '{"mcpServers": {"github": {"type": "http", "url": "https://example.org/mcp"}}}' },
      servers: [
        { ...stdio, id: "github", name: "github", command: "gh-mcp", args: ["-q"], env: { TOKEN: "t" } },
        { ...stdio, id: "local", name: "local", command: "here" },
        { ...http, id: "github-2", name: "github", url: "https://example.org/mcp" },
      ],
    },
    {
      source: "cursor",
      home: { ".cursor/mcp.json": '{"mcpServers": {"My notes!": {"command": "notes"}}}' },
      work: {
        ".cursor/mcp.json": '{"mcpServers": {"web": {"url": "http://127.0.0.1:1/", "headers": {"X-Key": "k"}}}}',
      },
      servers: [
        { ...stdio, id: "My-notes-", name: "My notes!", command: "notes" },
        { ...http, id: "web", name: "web", url: "http://127.0.0.1:1/", headers: { "X-Key": "k" } },
      ],
    },
    {
      source: "codex",
      home: {
        ".codex/config.toml": '[mcp_servers.docs]\ncommand = "docs"\nargs = ["--x"]\n[mcp_servers.docs.env]\nA = "1"\n',
      },
      work: { ".codex/config.toml": '[mcp_servers.api]\nurl = "https://api.example.org"\n' },
      servers: [
        { ...stdio, id: "docs", name: "docs", command: "docs", args: ["--x"], env: { A: "1" } },
        { ...http, id: "api", name: "api", url: "https://api.example.org" },
      ],
    },
    {
      source: "opencode",
      home: { ".config/opencode/opencode.json": '{"mcp": {"r": {"type": "remote", "url": "https://r.example.org"}}}' },
      work: {
        "opencode.jsonc":
          '{ // ours\n"mcp": {"l": {"type": "local", "command": ["run", "it"], "environment": {"B": "2"}},},}',
      },
      servers: [
        { ...http, id: "r", name: "r", url: "https://r.example.org" },
        { ...stdio, id: "l", name: "l", command: "run", args: ["it"], env: { B: "2" } },
      ],
    },
  ];

for (const { source, home, work, servers } of rows) {
  test(`servers of ${source} are taken over, switched off`, async () => {
    await using place = makePlace();
    place.write(work);
    const named = Object.fromEntries(
      Object.entries(home).map(([path, text]) => [path, text.replace("WORKSPACE", place.workspace)]),
    );
    const imported = await importServers(source, inHome(place, named), place.workspace);
    assert.deepEqual(imported.servers, servers);
    assert.deepEqual(imported.skipped, []);
    writeServers(join(place.state, "bridge.json"), imported.servers);
  });
}

test("what cannot be taken over is named with the reason, and what needs a hand is noted", async () => {
  await using place = makePlace();
  const entries = {
    old: { type: "sse", url: "https://example.org/sse" },
    empty: {},
    text: "x",
    ftp: { url: "ftp://example.org" },
    vars: { command: "x", env: { KEY: "{env:HOME_KEY}" } },
  };
  const home = inHome(place, { ".cursor/mcp.json": JSON.stringify({ mcpServers: entries }) });
  const { servers, skipped, notes } = await importServers("cursor", home, null);
  assert.deepEqual(
    servers.map(({ id }) => id),
    ["vars"],
  );
  assert.deepEqual(
    skipped.map(({ name }) => name),
    ["old", "empty", "text", "ftp"],
  );
  assert.deepEqual(notes, [{ id: "vars", note: "Replace its references to variables by values." }]);
});

test("a workspace's file is not read through a link out of it, and a broken file is named", async () => {
  await using place = makePlace();
  const home = inHome(place, { "elsewhere.json": '{"mcpServers": {"x": {"command": "x"}}}', ".claude.json": "{" });
  symlinkSync(join(home, "elsewhere.json"), join(place.workspace, ".mcp.json"));
  assert.deepEqual((await importServers("claude-code", join(home, "none"), place.workspace)).servers, []);
  await assert.rejects(importServers("claude-code", home, null), { code: "invalid_input", message: /\.claude\.json/ });
});
