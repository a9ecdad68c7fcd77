/** Machines whose network lets them out through others only. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { connectProxy, plainGateway } from "../world/gateways.ts";
import { type Hub, startHub, startMachine } from "../world/machine.ts";
import { until } from "../world/until.ts";

const isOnline = async (hub: Hub) => JSON.parse(await hub.paddock("machine", "list", "--json"))[0]?.online === true;
const outputOf = async (hub: Hub, command: string) => {
  const { stdout } = await commandOf(hub)(["call", "run_command", "--command", command, "--json"]);
  return JSON.parse(stdout).data.stdout;
};

test(
  "a machine behind a proxy that wants a login reaches its hub, and the login is told to nobody else",
  needs("bwrap"),
  async () => {
    const login = "walter:p%40ss-word-of-the-proxy";
    await using proxy = await connectProxy(decodeURIComponent(login));
    // An address that is no loopback by its name, so that a proxy is used for it.
    await using hub = await startHub({ PADDOCK_HOST: "127.0.0.2" });
    const withLogin = (text: string) => ({ http_proxy: proxy.address.replace("//", `//${text}@`) });
    const target = new URL(hub.address).host;
    const code = await hub.invite();
    const joinWith = async (text: string) => {
      const environment = { ...withLogin(text), PADDOCK_HOME: join(hub.home, "..", "elsewhere") };
      return commandOf(hub)(["join", hub.address, code, "--plain", "--no-run", "--json"], { environment });
    };
    const wrong = await joinWith("walter:wrong-word-of-the-proxy");
    assert.match(JSON.parse(wrong.stdout).error.message, /it wants another login/);
    await using machine = await startMachine(hub.address, code, withLogin(login), "--plain");
    await until(() => isOnline(hub));
    assert.equal(await outputOf(hub, "echo through"), "through\n");
    assert.deepEqual(new Set(proxy.asked), new Set([`CONNECT ${target}`]));
    const told = [wrong.stdout, wrong.stderr, machine.said(), hub.said(), await outputOf(hub, "env")].join("\n");
    assert.doesNotMatch(told, /word-of-the-proxy/);
  },
);

test(
  "hub_proxy_file names the proxy for joining and for the link, and nobody but its owner reads it",
  needs("bwrap"),
  async () => {
    await using proxy = await connectProxy("walter:word-of-the-proxy");
    await using hub = await startHub({ PADDOCK_HOST: "127.0.0.2" });
    const folder = mkdtempSync(join(tmpdir(), "pn-"));
    const file = join(folder, "proxy");
    writeFileSync(file, proxy.address.replace("//", "//walter:word-of-the-proxy@"), { mode: 0o600 });
    const settings = { PADDOCK_HUB_PROXY_FILE: file, http_proxy: "http://127.0.0.1:1" };
    try {
      await using machine = await startMachine(hub.address, await hub.invite(), settings, "--plain");
      await until(() => isOnline(hub));
      await machine.restart("SIGKILL");
      await until(() => isOnline(hub));
      assert.deepEqual(new Set(proxy.asked), new Set([`CONNECT ${new URL(hub.address).host}`]));
      await machine.paddock("root", "add", folder);
      assert.equal(await outputOf(hub, `cat ${file} 2>/dev/null; env`).then((text) => text.includes("word-of")), false);
      assert.doesNotMatch(`${machine.said()}${await machine.paddock("config")}`, /word-of-the-proxy/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("where WebSockets are broken the link goes over events", needs("bwrap"), async () => {
  await using hub = await startHub();
  await using gateway = await plainGateway(hub.address);
  await using _machine = await startMachine(gateway.address, await hub.invite());
  await until(() => isOnline(hub));
  assert.equal(await outputOf(hub, "echo over; seq 3"), "over\n1\n2\n3\n");
  const large = await outputOf(hub, "head -c 90000 /dev/zero | tr '\\0' x");
  assert.equal(large.length, 90_000);
  assert.equal(gateway.asked.includes("GET /link"), true, "WebSockets are tried first");
  assert.equal(gateway.asked.includes("GET /link/events"), true);
});
