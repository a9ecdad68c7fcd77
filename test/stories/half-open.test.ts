/** Ten thousand connections that say nothing, or half of something: those who have something to say get in meanwhile. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { protocolVersion } from "@paddock/contract/link";
import { newKey } from "@paddock/link/sealed";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { type Hub, type Part, startHub, startMachine } from "../world/machine.ts";
import { until } from "../world/until.ts";

const count = 10_000;
/** So many are opened at once; what the hub ends meanwhile makes room for the next. */
const batch = 500;
/** They come from so many addresses. */
const addresses = 40;
/** Handshakes have 10 s, requests 15, and are looked at every 5. */
const endedWithinMs = 60_000;
/** Of what is half open, and of what their coming and going leaves to collect. */
const mostGrowthMb = 200;

const chance = Buffer.alloc(32, 7).toString("base64url");
const upgrade = (host: string) =>
  `GET /link HTTP/1.1\r\nhost: ${host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;

/** One WebSocket message of a client, whose mask is none. */
function masked(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, body]);
}

/** What comes over each in turn, before it falls silent. */
const beginnings = (host: string): readonly (readonly (string | Buffer)[])[] => {
  const { publicKey: key } = newKey();
  const open = { type: "open", version: protocolVersion, purpose: "link", key, nonce: chance, ephemeral: chance };
  return [
    [],
    ["GET / HT"],
    [`POST /mcp HTTP/1.1\r\nhost: ${host}\r\ncontent-le`],
    [upgrade(host)],
    [upgrade(host), masked(JSON.stringify(open))],
    [upgrade(host), Buffer.from([0x81, 0xfe])],
    [`GET /link/events HTTP/1.1\r\nhost: ${host}\r\n\r\n`],
  ];
};

class Flood {
  readonly #url: URL;
  #opened = 0;
  #ended = 0;

  constructor(address: string) {
    this.#url = new URL(address);
  }

  get opened(): number {
    return this.#opened;
  }

  get ended(): number {
    return this.#ended;
  }

  /** Opens so many more; resolves when each is open, or was ended. */
  async more(many: number): Promise<void> {
    const words = beginnings(this.#url.host);
    const sockets = Array.from({ length: many }, () => {
      this.#opened += 1;
      return this.#one(`127.0.1.${1 + (this.#opened % addresses)}`, words[this.#opened % words.length] ?? []);
    });
    await Promise.all(sockets);
  }

  async #one(localAddress: string, words: readonly (string | Buffer)[]): Promise<void> {
    const { hostname: host, port } = this.#url;
    const socket: Socket = connect({ host, port: Number(port), localAddress });
    // Nobody reads or answers on this side.
    socket.resume().on("error", () => {});
    socket.once("close", () => {
      this.#ended += 1;
    });
    await Promise.race([once(socket, "connect"), once(socket, "close")]).catch(() => undefined);
    for (const word of words) socket.write(word);
  }
}

const residentMb = ({ child }: Part): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;

const onlineOf = async (hub: Hub): Promise<string[]> =>
  JSON.parse(await hub.paddock("machine", "list", "--json"))
    .filter(({ online }: { online: boolean }) => online)
    .map(({ name }: { name: string }) => name);

test("through ten thousand half-open connections calls are answered and a machine joins; then all have ended", {
  ...needs("bwrap"),
  timeout: 240_000,
}, async () => {
  await using hub = await startHub();
  await using first = await startMachine(hub.address, await hub.invite("--name", "first"));
  await until(async () => (await onlineOf(hub)).length === 1);
  const token = JSON.parse(await hub.paddock("token", "create", "--name", "t", "--toolset", "full", "--json")).token;
  const call = async (command: string): Promise<string> => {
    const answer = await fetch(`${hub.address}/api/v1/tools/run_command`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, connection: "close" },
      body: JSON.stringify({ machine: "first", command }),
    });
    return ((await answer.json()) as { data: { stdout: string } }).data.stdout;
  };
  assert.equal(await call("echo before"), "before\n");
  const before = residentMb(hub);

  const flood = new Flood(hub.address);
  let most = before;
  while (flood.opened < count) {
    await flood.more(batch);
    assert.equal(await call(`echo ${flood.opened}`), `${flood.opened}\n`);
    most = Math.max(most, residentMb(hub));
  }
  await using _second = await startMachine(hub.address, await hub.invite("--name", "second"));
  await until(async () => (await onlineOf(hub)).length === 2);
  await until(() => flood.ended === count, endedWithinMs);

  assert.ok(most - before < mostGrowthMb, `the hub went from ${before} to ${most} MB`);
  assert.equal(await call("echo after"), "after\n");
  const { stdout } = await commandOf(hub)(["audit", "verify"]);
  assert.match(stdout, /^hub: ok/m);
  assert.equal(first.child.exitCode, null);
});
