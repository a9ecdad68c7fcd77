/**
 * `paddock tunnel` keeps a way in open. The programs of Cloudflare and OpenAI are stand-ins that print and serve what the real
 * ones do, because there is no internet here; ssh and its server are real.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs } from "../needs.ts";
import { commandOf, jsonOf, type Said } from "../world/command.ts";
import { freePort, until } from "../world/until.ts";
import { paddockCommand, startWorld, type World, type WorldOptions } from "../world/world.ts";

const standIn = (name: string): string => fileURLToPath(new URL(`../world/stand-ins/${name}.mjs`, import.meta.url));

interface Tunnel extends AsyncDisposable {
  child: ChildProcess;
  said(): string;
}

function startTunnel({ environment, workspace }: World, ...args: string[]): Tunnel {
  const child = spawn(process.execPath, [paddockCommand, "tunnel", ...args], {
    cwd: workspace,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  return {
    child,
    said: () => said,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

interface Start {
  pid: number;
  args: string[];
  token?: string | null;
  names: string[];
}

const homeOf = ({ environment }: World): string => environment.HOME ?? "";

function startsIn(world: World): Start[] {
  const file = join(homeOf(world), "started");
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  return lines.map((line) => JSON.parse(line));
}

interface Status {
  tunnel: { state: string; address: string | null; reason: string | null; starts: number } | null;
}

const tunnelOf = async (world: World) => (await jsonOf<Status>(commandOf(world), "status")).tunnel;
const whenTunnelIs = (world: World, state: string) =>
  until(async () => {
    const tunnel = await tunnelOf(world);
    return tunnel?.state === state ? tunnel : null;
  });

async function worldWithPort(options: WorldOptions = {}): Promise<World> {
  const PADDOCK_PORT = String(await freePort());
  return startWorld({ ...options, settings: { PADDOCK_PORT, ...options.settings } });
}

function secretFile(world: World, name: string, secret: string): string {
  const path = join(homeOf(world), name);
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return path;
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

test("a quick tunnel shows its address, says what the hub has to know, and has a new one when it starts again", async () => {
  await using world = await worldWithPort({ up: false });
  await using tunnel = startTunnel(world, "cloudflared", "--program", standIn("cloudflared"));
  const { address } = await whenTunnelIs(world, "up");
  const [first] = startsIn(world);
  assert.equal(address, `https://quick-brown-fox-${first?.pid}.trycloudflare.com`);
  await until(() => tunnel.said().includes(`paddock up --public-url ${address}`));
  assert.ok(tunnel.said().includes("The hub does not run yet"));
  assert.deepEqual(
    first?.names.filter((name) => name.startsWith("PADDOCK")),
    [],
  );

  process.kill(first?.pid ?? 0, "SIGKILL");
  const again = await until(async () => {
    const found = await tunnelOf(world);
    return found?.state === "up" && found.starts === 2 ? found : null;
  });
  assert.equal(again.address, `https://quick-brown-fox-${startsIn(world)[1]?.pid}.trycloudflare.com`);
  assert.match(tunnel.said(), /The tunnel is down \(SIGKILL/);
});

test("a named tunnel gets its token outside of its arguments, and its state is told while it has no connection", async () => {
  await using world = await worldWithPort({
    up: false,
    settings: { PADDOCK_PUBLIC_URL: "https://paddock.example.org" },
  });
  const file = secretFile(world, "token", "eyJhIjoiNWFiNGU5");
  await using _tunnel = startTunnel(world, "cloudflared", "--token-file", file, "--program", standIn("cloudflared"));
  const { address } = await whenTunnelIs(world, "up");
  assert.equal(address, "https://paddock.example.org");
  const [started] = startsIn(world);
  assert.deepEqual([started?.token, started?.args.includes("eyJhIjoiNWFiNGU5")], ["eyJhIjoiNWFiNGU5", false]);
  writeFileSync(join(homeOf(world), "offline"), "");
  assert.match((await whenTunnelIs(world, "down")).reason ?? "", /readyConnections/);
  rmSync(join(homeOf(world), "offline"));
  await whenTunnelIs(world, "up");
});

test("the tunnel ends with Paddock, also when that is killed", needs("setpriv"), async () => {
  await using world = await worldWithPort({ up: false });
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    await using tunnel = startTunnel(world, "cloudflared", "--program", standIn("cloudflared"));
    await whenTunnelIs(world, "up");
    const pid = startsIn(world).at(-1)?.pid ?? 0;
    tunnel.child.kill(signal);
    await until(() => !isAlive(pid));
    assert.equal(await until(async () => (await tunnelOf(world)) === null), true);
  }
});

test("what is missing, readable by others or running already is said before anything starts", async () => {
  await using world = await worldWithPort({ up: false });
  const run = commandOf(world);
  const refused = async (...args: string[]) => {
    const { exitCode, stdout }: Said = await run(["tunnel", ...args, "--json"], { environment: { PATH: "/nowhere" } });
    return [exitCode, JSON.parse(stdout).error] as const;
  };
  const [exitCode, missing] = await refused("cloudflared");
  assert.deepEqual(
    [exitCode, missing.code, missing.message],
    [4, "command_not_found", "cloudflared is not installed."],
  );
  assert.match(missing.nextStep, /--program, or add --download to fetch version/);
  assert.equal((await refused("cloudflared", "--program", "/nowhere/cloudflared"))[1].code, "command_not_found");

  const open = secretFile(world, "open", "secret");
  chmodSync(open, 0o644);
  assert.equal((await refused("cloudflared", "--token-file", open))[1].code, "permission_denied");
  const id = `tunnel_${"0".repeat(32)}`;
  const key = secretFile(world, "key", "sk-proj-0123456789");
  assert.match((await refused("openai", id))[1].message, /needs a runtime key/);
  assert.match((await refused("openai", id, "--key-file", key))[1].message, /need a token of Paddock/);
  const named = ["--key-file", key, "--stdio", "--program", standIn("tunnel-client")];
  assert.match((await refused("openai", "tunnel_1", ...named))[1].message, /32 hexadecimal digits/);
  assert.equal((await refused("ssh", "--program", "/bin/sh", "--", "-oProxyCommand=id"))[1].code, "invalid_input");

  await using _tunnel = startTunnel(world, "cloudflared", "--program", standIn("cloudflared"));
  await whenTunnelIs(world, "up");
  assert.equal((await refused("cloudflared", "--program", standIn("cloudflared")))[1].code, "already_running");
  assert.equal(startsIn(world).length, 1);
});

const openaiArgs = (world: World) => [
  "openai",
  `tunnel_${"a".repeat(32)}`,
  ...["--key-file", secretFile(world, "key", "sk-proj-0123456789"), "--program", standIn("tunnel-client")],
];

const answerThrough = (world: World) =>
  until(() => {
    const file = join(homeOf(world), "answer");
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
  });

test("OpenAI's tunnel reaches the hub with a token of Paddock that stands in no argument", needs("bwrap"), async () => {
  await using world = await worldWithPort();
  const token = await world.token({ toolset: "readonly" });
  const args = [...openaiArgs(world), "--token-file", secretFile(world, "paddock-token", token)];
  await using _tunnel = startTunnel(world, ...args);
  await whenTunnelIs(world, "up");
  const { result } = await answerThrough(world);
  assert.equal(result.structuredContent.data.workspace, world.workspace);
  const [started] = startsIn(world);
  assert.equal(
    started?.args.some((word) => word.includes(token) || word.includes("sk-proj")),
    false,
  );
});

test("without a hub, OpenAI's tunnel reaches a Paddock of its own", needs("bwrap"), async () => {
  await using world = await startWorld({ up: false });
  await using _tunnel = startTunnel(world, ...openaiArgs(world), "--stdio", "--workspace", world.workspace);
  await whenTunnelIs(world, "up");
  const { result } = await answerThrough(world);
  assert.equal(result.structuredContent.data.workspace, world.workspace);
  const { hub, runner } = await jsonOf<{ hub: unknown; runner: unknown }>(commandOf(world), "status");
  assert.deepEqual([hub, runner !== null], [null, true]);
});

/** A server of ssh for this account alone; a wrapper has ssh trust it and know the key, which its settings would. */
async function startSshServer(folder: string): Promise<AsyncDisposable & { program: string; destination: string }> {
  mkdirSync(folder, { mode: 0o700 });
  const at = (name: string) => join(folder, name);
  for (const name of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)], { stdio: "ignore" });
  const port = await freePort();
  const settings = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host")}`,
    `AuthorizedKeysFile ${at("user.pub")}`,
    `PidFile ${at("pid")}`,
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
  ];
  writeFileSync(at("sshd_config"), `${settings.join("\n")}\n`);
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${readFileSync(at("host.pub"), "utf8")}`);
  writeFileSync(
    at("ssh_config"),
    `Host *\n  Port ${port}\n  IdentityFile ${at("user")}\n  UserKnownHostsFile ${at("known_hosts")}\n`,
  );
  writeFileSync(at("ssh"), `#!/bin/sh\nexec ssh -F ${at("ssh_config")} "$@"\n`, { mode: 0o700 });
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")], { stdio: "ignore" });
  return {
    program: at("ssh"),
    destination: `${userInfo().username}@127.0.0.1`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
    },
  };
}

test(
  "a port that ssh forwards leads to the hub, and is forwarded again after the connection broke",
  needs("bwrap", "ssh", "sshd"),
  async () => {
    await using world = await worldWithPort();
    await using server = await startSshServer(join(homeOf(world), "sshd"));
    const remotePort = await freePort();
    const args = ["--remote-port", String(remotePort), "--program", server.program];
    await using tunnel = startTunnel(world, "ssh", server.destination, ...args);
    const reaches = async () => (await fetch(`http://127.0.0.1:${remotePort}/healthz`).catch(() => null))?.ok ?? false;
    await whenTunnelIs(world, "up");
    assert.equal(await reaches(), true);

    const { pid } = tunnel.child;
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()), "SIGKILL");
    await until(async () => (await tunnelOf(world))?.starts === 2 && (await reaches()));
  },
);
