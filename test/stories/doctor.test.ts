/** `paddock doctor` names the hop that fails between a client and the machine. */
import "../world/names.ts";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { startHub, startMachine } from "../world/machine.ts";
import { makeCertificate, publicName, startProxy } from "../world/proxies.ts";
import { freePort, until } from "../world/until.ts";
import { paddockCommand, startWorld, type World } from "../world/world.ts";

const names = new URL("../world/names.ts", import.meta.url).href;
const standIn = fileURLToPath(new URL("../world/stand-ins/cloudflared.mjs", import.meta.url));

interface Finding {
  state: string;
  what: string;
  nextStep?: string;
}

/** What the doctor says that begins so. */
async function finding(
  world: Parameters<typeof commandOf>[0],
  about: RegExp,
  environment: Record<string, string> = {},
): Promise<Finding | null> {
  const { stdout } = await commandOf(world)(["doctor", "--json"], { environment });
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return findings.find(({ what }) => about.test(what)) ?? null;
}

const refusal = (world: World) => finding(world, /^the last call that was refused/);

test(
  "nobody called, no credential, a wrong one, another host and a lost session are told apart",
  needs("bwrap"),
  async () => {
    await using world = await startWorld();
    const token = await world.token();
    const call = (headers: Record<string, string>) =>
      fetch(`${world.address}/mcp`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
      });
    assert.equal((await finding(world, /no client has called yet/))?.state, "warn");
    assert.equal(await refusal(world), null);

    await call({});
    assert.match((await refusal(world))?.what ?? "", /it brought no credential$/);
    assert.equal((await finding(world, /not one was let in/))?.state, "warn");
    await call({ authorization: "Bearer wrong" });
    assert.match((await refusal(world))?.what ?? "", /its credential is wrong, expired or revoked$/);
    await call({ authorization: `Bearer ${token}`, origin: "https://evil.example" });
    assert.match((await refusal(world))?.what ?? "", /it came from a page of "https:\/\/evil\.example"$/);
    assert.equal((await call({ authorization: `Bearer ${token}`, "mcp-session-id": "forged" })).status, 404);
    assert.match((await refusal(world))?.what ?? "", /its session was none of this hub's$/);
    assert.equal((await finding(world, /^a client has called with a valid credential/))?.state, "ok");
  },
);

test(
  "a public address that nothing answers at, that TLS fails for, and that leads here, are told apart",
  needs("bwrap", "openssl", "caddy"),
  async () => {
    const [port, hubPort] = [await freePort(), await freePort()];
    const url = `https://${publicName}:${port}`;
    await using world = await startWorld({ settings: { PADDOCK_PORT: String(hubPort), PADDOCK_PUBLIC_URL: url } });
    const here = { NODE_OPTIONS: `--import=${names}` };
    const about = new RegExp(`${publicName}:${port}`);
    assert.match((await finding(world, about, here))?.what ?? "", /^nothing answers at .*\(ECONNREFUSED\)$/);
    const certificate = makeCertificate(world.environment.HOME ?? "");
    await using _proxy = await startProxy("caddy", { port, hubPort }, certificate);
    assert.match((await finding(world, about, here))?.what ?? "", /^TLS of .* signed by nobody but itself$/);
    const trusting = { ...here, NODE_EXTRA_CA_CERTS: certificate.cert };
    assert.deepEqual(await finding(world, about, trusting), {
      state: "ok",
      what: `the public address ${url} leads to the hub`,
    });
  },
);

test("a tunnel that is down, and one whose address the hub does not know, are named", async () => {
  const PADDOCK_PORT = String(await freePort());
  await using world = await startWorld({ up: false, settings: { PADDOCK_PORT } });
  const tunnelFinding = () => finding(world, /^the cloudflared tunnel/);
  assert.equal(await tunnelFinding(), null);
  const start = (...args: string[]) =>
    spawn(process.execPath, [paddockCommand, "tunnel", "cloudflared", "--program", ...args], {
      env: world.environment,
      stdio: "ignore",
    });
  const ended = (child: ReturnType<typeof start>) =>
    new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGTERM");
    });

  const failing = start("/bin/false");
  const down = await until(tunnelFinding);
  assert.equal(down.state, "fail");
  await until(async () => /is down since .*: exit 1$/.test((await tunnelFinding())?.what ?? ""));
  await ended(failing);

  const working = start(standIn);
  const unknown = await until(async () => {
    const found = await tunnelFinding();
    return found?.what.includes("leads from") ? found : null;
  });
  assert.match(unknown.what, /trycloudflare\.com, but the hub goes by no public address$/);
  assert.match(
    unknown.nextStep ?? "",
    /^Start Paddock with it: paddock up --public-url https:\/\/quick-brown-fox-\d+\./,
  );
  await ended(working);
});

test(
  "a machine that is offline is named on the hub, and a hub that is away on the machine",
  needs("bwrap"),
  async () => {
    await using hub = await startHub();
    await using far = await startMachine(hub.address, await hub.invite("--name", "far"));
    await using near = await startMachine(hub.address, await hub.invite("--name", "near"));
    await until(() => finding(hub, /^all 2 machines are online$/));
    assert.equal(await finding(hub, /does not run/), null);
    const status = await commandOf(hub)(["status"]);
    assert.deepEqual([status.exitCode, /^machines 2 of 2 online/m.test(status.stdout)], [0, true], status.stdout);
    assert.equal(await finding(near, /does not run|no link to its hub/), null);

    far.child.kill("SIGKILL");
    assert.match((await until(() => finding(hub, /^offline: /))).what, /^offline: far \(last seen [\d: -]+\)$/);
    hub.child.kill("SIGKILL");
    const { state, what } = await until(() => finding(near, /no link to its hub/));
    assert.deepEqual([state, what.includes(hub.address)], ["fail", true]);
  },
);
