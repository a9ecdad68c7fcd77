/**
 * Codex and Claude Code sign in with their own login commands: the owner opens the address that they print, lets them in on
 * Paddock's page, and they work; revoked, they do not. Offline the hub cannot read the page by which they describe themselves,
 * so that Codex registers itself and Claude Code is made known beforehand.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { test } from "node:test";
import { type Browser, browserAt, consent, password } from "../../packages/hub/src/oauth/oauth.fixture.ts";
import { needs } from "../needs.ts";
import { startModel } from "../real-clients/model.ts";
import { needsRealClients, type Terminal, terminalIn } from "../real-clients/programs.ts";
import { call, claudeAccount, claudeTurn, codexTurn, succeeds, traceOf, useModel } from "../real-clients/turns.ts";
import { commandOf } from "../world/command.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

const needed = { ...needs("bwrap", "git", "script"), ...needsRealClients() };

async function ownerAt(world: World): Promise<Browser> {
  const made = await commandOf(world)(["owner", "create", "--stdin"], { input: `${password}\n` });
  assert.equal(made.exitCode, 0, made.stderr);
  const browser = browserAt(world);
  await browser.post("/sign-in", { password });
  return browser;
}

/** Runs a client's login command, and does what it asks for in the owner's browser. */
async function logIn(terminal: Terminal, line: string, browser: Browser, more?: Record<string, string>): Promise<void> {
  const child: ChildProcess = terminal.start(line, more);
  let said = "";
  const hear = (piece: Buffer): void => {
    said += piece;
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const address = await until(() => /http:\/\/127\.0\.0\.1:\d+\/authorize\?[\w%&=.:/-]+/.exec(said)?.[0]);
  const { pathname, search } = new URL(address);
  const callback = await consent(browser, pathname + search);
  assert.equal((await fetch(callback)).status, 200, said);
  assert.equal(await ended, 0, said);
}

interface LetIn {
  clients: { id: string; name: string; toolset: string }[];
}

async function revokeAll(world: World): Promise<string[]> {
  const { clients } = JSON.parse(await world.paddock("client", "list", "--json")) as LetIn;
  for (const { id } of clients) await world.paddock("client", "revoke", id);
  return clients.map(({ name }) => name);
}

test("Codex signs in, works, and is shut out when it is revoked", needed, async () => {
  await using world = await startWorld();
  await using model = await startModel(call);
  const terminal = terminalIn(world);
  const browser = await ownerAt(world);
  await world.paddock("connect", "codex", "--write", "--auth", "sign-in");
  useModel(world, model.url);
  await logIn(terminal, "codex mcp login --oauth-client-registration dcr paddock", browser);
  assert.match(await succeeds(terminal, "codex mcp list"), /^paddock .* OAuth/m);
  assert.match(await succeeds(terminal, codexTurn), /from-42/);
  assert.equal(traceOf(world), "once\n");

  assert.deepEqual(await revokeAll(world), ["Codex"]);
  const { stdout } = await terminal.run(codexTurn);
  assert.doesNotMatch(stdout, /from-42/);
  assert.equal(traceOf(world), "once\n");
});

test("Claude Code signs in, works, and is shut out when it is revoked", needed, async () => {
  await using world = await startWorld();
  await using model = await startModel(call);
  const terminal = terminalIn(world);
  const browser = await ownerAt(world);
  const account = claudeAccount(model.url);
  const { text } = JSON.parse(await world.paddock("connect", "claude-code", "--auth", "sign-in", "--json"));
  const redirect = ["--redirect", "http://localhost/callback"];
  const { id } = JSON.parse(await world.paddock("client", "add", "claude-code", ...redirect, "--json"));
  await succeeds(terminal, `${text} --client-id ${id}`, account);
  // It wants a terminal.
  await logIn(terminal, 'script --quiet --return --command "claude mcp login paddock" /dev/null', browser, account);
  assert.match(await succeeds(terminal, "claude mcp list", account), /^paddock: .*Connected/m);
  assert.match(await succeeds(terminal, claudeTurn, account), /from-42/);
  assert.equal(traceOf(world), "once\n");

  assert.deepEqual(await revokeAll(world), ["claude-code"]);
  assert.match(await succeeds(terminal, "claude mcp list", account), /^paddock: .*Needs authentication/m);
});
