import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { parse } from "smol-toml";
import type { Auth, Client, Installation } from "./client.ts";
import { clients } from "./clients.ts";
import { writeEntry } from "./write-entry.ts";

const folder = mkdtempSync(join(tmpdir(), "paddock-connect-"));
after(() => rmSync(folder, { recursive: true }));

const here: Installation = {
  address: "http://127.0.0.1:7420",
  mcp: "http://127.0.0.1:7420/mcp",
  auth: "token",
  program: { command: "/opt/node", args: ["/opt/paddock.mjs", "mcp"], env: { PADDOCK_HOME: "/srv/it's here" } },
  platform: "linux",
  home: folder,
  project: join(folder, "project"),
};

/** As the client has it before. */
function put(path: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode });
}

function fileOf(name: keyof typeof clients, way: "http" | "stdio") {
  const client: Client = clients[name];
  const file = client[way]?.(here).file;
  assert.ok(file);
  return file;
}

test("no setup holds a token, and what is shown is what is written", () => {
  const all: Client[] = Object.values(clients);
  const auths: Auth[] = ["token", "sign-in"];
  const setups = auths.flatMap((auth) => all.flatMap(({ http, stdio }) => [http?.({ ...here, auth }), stdio?.(here)]));
  for (const setup of setups) {
    if (!setup) continue;
    assert.doesNotMatch(setup.text, /pad_/);
    if (!setup.file) continue;
    const { path, entry } = setup.file;
    rmSync(path, { force: true });
    assert.equal(writeEntry(path, entry), true);
    const written = readFileSync(path, "utf8");
    const read = entry.format === "json" ? JSON.parse : parse;
    assert.deepEqual(read(written), read(setup.text));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(writeEntry(path, entry), false);
  }
});

test("Claude Code's command survives a shell", () => {
  assert.equal(
    clients["claude-code"].stdio(here).text,
    `claude mcp add --scope user paddock --env 'PADDOCK_HOME=/srv/it'\\''s here' -- /opt/node /opt/paddock.mjs mcp`,
  );
});

test("what else stands in a client's file stays", () => {
  const cursor = fileOf("cursor", "http");
  writeFileSync(
    cursor.path,
    JSON.stringify({ theme: 1, mcpServers: { other: { url: "x" }, paddock: { url: "old" } } }),
  );
  writeEntry(cursor.path, cursor.entry);
  const { theme, mcpServers } = JSON.parse(readFileSync(cursor.path, "utf8"));
  assert.deepEqual([theme, mcpServers.other, mcpServers.paddock.url], [1, { url: "x" }, here.mcp]);

  const codex = fileOf("codex", "http");
  put(codex.path, '# mine\nmodel = "x"');
  writeEntry(codex.path, codex.entry);
  const text = readFileSync(codex.path, "utf8");
  assert.ok(text.startsWith('# mine\nmodel = "x"\n\n[mcp_servers.paddock]\n'), text);
});

test("a file that only a person can change is left as it is", () => {
  const codex = fileOf("codex", "http");
  const vscode = fileOf("vscode", "http");
  const cases = [
    [vscode, "// comment\n{}"],
    [vscode, '{"servers": []}'],
    [vscode, '{"inputs": 1}'],
    [codex, "[mcp_servers.paddock]\nurl = 'http://elsewhere'\n"],
    [codex, "model = "],
  ] as const;
  for (const [{ path, entry }, text] of cases) {
    put(path, text);
    assert.throws(() => writeEntry(path, entry), { code: "invalid_input" }, text);
    assert.equal(readFileSync(path, "utf8"), text);
  }
});

test("a settings file that is a link stays one", () => {
  const { path, entry } = fileOf("cursor", "stdio");
  const real = join(folder, "dotfiles.json");
  writeFileSync(real, "{}");
  rmSync(path, { force: true });
  symlinkSync(real, path);
  writeEntry(path, entry);
  assert.deepEqual(JSON.parse(readFileSync(real, "utf8")).mcpServers.paddock, here.program);
});
