/** A hub behind nginx and behind Caddy, as docs/reaching-it.md sets them up: clients from outside get all that those inside do. */
import "../world/names.ts";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { startHub, startMachine } from "../world/machine.ts";
import { type Certificate, makeCertificate, type ProxyKind, publicName, startProxy } from "../world/proxies.ts";
import { freePort, until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

const names = new URL("../world/names.ts", import.meta.url).href;

interface Entrance extends AsyncDisposable {
  /** Settings of a hub behind it. */
  settings: { PADDOCK_PORT: string; PADDOCK_PUBLIC_URL: string };
  url: string;
  certificate: Certificate;
  open(): Promise<AsyncDisposable>;
}

/** Where a proxy will stand: ports, and a certificate that this process trusts. */
async function entranceOf(kind: ProxyKind): Promise<Entrance> {
  const folder = mkdtempSync(join(tmpdir(), "paddock-proxies-"));
  const certificate = makeCertificate(folder);
  const known = getCACertificates("default");
  setDefaultCACertificates([...known, readFileSync(certificate.cert, "utf8")]);
  const [port, hubPort] = [await freePort(), await freePort()];
  const url = `https://${publicName}:${port}`;
  return {
    settings: { PADDOCK_PORT: String(hubPort), PADDOCK_PUBLIC_URL: url },
    url,
    certificate,
    open: () => startProxy(kind, { port, hubPort }, certificate),
    async [Symbol.asyncDispose]() {
      setDefaultCACertificates(known);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Outside extends AsyncDisposable {
  world: World;
  url: string;
  token: string;
}

/** The whole installation, and the proxy that leads to it from outside. */
async function startOutside(kind: ProxyKind, settings: Readonly<Record<string, string>> = {}): Promise<Outside> {
  await using open = new AsyncDisposableStack();
  const entrance = open.use(await entranceOf(kind));
  const world = open.use(await startWorld({ settings: { ...entrance.settings, ...settings } }));
  open.use(await entrance.open());
  const token = await world.token();
  const opened = open.move();
  return { world, url: entrance.url, token, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

interface Heard {
  status: number | undefined;
  text: string;
}

/** One request with whatever headers, which fetch would not send. */
const ask = (url: string, options: RequestOptions, body?: Buffer): Promise<Heard> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, servername: publicName, ...options }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    // A body that is refused early may break off while it is being sent.
    sent.on("error", (fault: NodeJS.ErrnoException) =>
      fault.code === "EPIPE" || fault.code === "ECONNRESET" ? resolve({ status: 413, text: "" }) : reject(fault),
    );
    sent.end(body);
  });

/** Reads a stream until it has said `what`. */
async function heardOn(reader: ReadableStreamDefaultReader<Uint8Array>, what: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes(what)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
    text += decoder.decode(value, { stream: true });
  }
  return text;
}

for (const kind of ["nginx", "caddy"] as const) {
  const needed = needs("bwrap", "openssl", kind);

  test(`what a stranger says of its origin does not get through ${kind}, which is believed`, needed, async () => {
    const settings = { PADDOCK_TRUSTED_PROXIES: "127.0.0.1", PADDOCK_FAILED_CREDENTIALS_PER_MINUTE: "2" };
    await using outside = await startOutside(kind, settings);
    const statuses: (number | undefined)[] = [];
    for (const forged of ["198.51.100.1", "198.51.100.2", "198.51.100.3, 127.0.0.1"]) {
      const headers = { authorization: "Bearer wrong", "x-forwarded-for": forged };
      statuses.push((await ask(`${outside.url}/api/v1/info`, { headers })).status);
    }
    assert.deepEqual(statuses, [401, 401, 429]);
  });

  test(`behind ${kind} a client works, and streams arrive piece by piece`, needed, async () => {
    await using outside = await startOutside(kind);
    const { url, token, world } = outside;
    const headers = { authorization: `Bearer ${token}` };
    const client = new Client({ name: "story", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }));
    const { structuredContent } = await client.callTool({ name: "agent_status", arguments: {} });
    assert.equal((structuredContent as { data: { workspace: string } }).data.workspace, world.workspace);
    await client.close();

    // The command ends only when it is told to, which happens after the stream was seen to be open.
    const waits = "until [ -e go ]; do sleep 0.1; done; echo gone";
    const call = { name: "run_command", arguments: { command: waits }, _meta: { progressToken: 1 } };
    const answer = await fetch(`${url}/mcp`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }),
    });
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    const reader = answer.body?.getReader();
    assert.ok(reader);
    const early = await heardOn(reader, "notifications/progress");
    assert.equal(early.includes("gone"), false);
    writeFileSync(join(world.workspace, "go"), "");
    await heardOn(reader, "gone");

    const listening = await fetch(`${url}/mcp`, { headers: { ...headers, accept: "text/event-stream" } });
    const announcements = listening.body?.getReader();
    assert.ok(announcements);
    await heardOn(announcements, ": open");
    await announcements.cancel();
  });

  test(`behind ${kind} what a caller claims to have been forwarded is not believed`, needed, async () => {
    await using outside = await startOutside(kind);
    const { url, token, world } = outside;
    const claimed = {
      forwarded: "for=203.0.113.9;host=evil.example;proto=http",
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
    };
    const wrong = { ...claimed, authorization: "Bearer wrong" };
    assert.equal((await ask(`${url}/api/v1/tools`, { headers: wrong })).status, 401);
    const records = (await world.paddock("audit", "export"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const refused = records.filter(({ event }) => event === "credential.failed");
    assert.deepEqual(
      refused.map(({ detail }) => detail.remote.replace("::ffff:", "")),
      ["127.0.0.1"],
    );

    const page = await ask(url, { headers: claimed });
    assert.deepEqual([page.status, page.text.includes(`${url}/mcp`), page.text.includes("evil")], [200, true, false]);
    const foreign = await ask(`${url}/api/v1/tools`, {
      headers: { authorization: `Bearer ${token}`, origin: "https://evil.example" },
    });
    assert.deepEqual([foreign.status, JSON.parse(foreign.text).error.code], [403, "wrong_origin"]);
    const own = await ask(`${url}/api/v1/tools`, { headers: { authorization: `Bearer ${token}`, origin: url } });
    assert.equal(own.status, 200);
  });

  test(`behind ${kind} a machine joins and works, and is back after the proxy was away`, needed, async () => {
    await using entrance = await entranceOf(kind);
    const { url, certificate, settings } = entrance;
    await using hub = await startHub(settings);
    const proxy = await entrance.open();
    const trusting = { NODE_OPTIONS: `--import=${names}`, NODE_EXTRA_CA_CERTS: certificate.cert };
    await using machine = await startMachine(url, await hub.invite("--name", "far"), trusting);
    const isOnline = async () => JSON.parse(await hub.paddock("machine", "list", "--json"))[0]?.online === true;
    const call = async (command: string) => {
      const { stdout } = await commandOf(hub)(["call", "run_command", "--command", command, "--json"]);
      return JSON.parse(stdout).data.stdout;
    };
    await until(isOnline);
    assert.equal(await call("echo one >> made; pwd"), `${machine.workspace}\n`);
    // More than one frame, and more than a proxy would keep in a buffer.
    assert.equal((await call("head -c 90000 /dev/zero | tr '\\0' a")).length, 90_000);

    await proxy[Symbol.asyncDispose]();
    await until(async () => !(await isOnline()));
    await using _again = await entrance.open();
    await until(isOnline);
    await call("echo two >> made");
    assert.equal(readFileSync(join(machine.workspace, "made"), "utf8"), "one\ntwo\n");
  });

  test(`behind ${kind} another name than the public one reaches nothing`, needed, async () => {
    await using outside = await startOutside(kind);
    const { url, token } = outside;
    const headers = { authorization: `Bearer ${token}`, host: "evil.example" };
    const { status, text } = await ask(`${url}/api/v1/tools`, { headers });
    assert.equal(text.includes("run_command"), false);
    if (kind === "nginx") assert.deepEqual([status, JSON.parse(text).error.code], [403, "wrong_host"]);
  });

  test(`behind ${kind} a body over the limit is refused, and the largest allowed one passes`, needed, async () => {
    await using outside = await startOutside(kind);
    const { url, token, world } = outside;
    const write = (bytes: number) =>
      ask(
        `${url}/api/v1/tools/write_file`,
        { method: "POST", headers: { authorization: `Bearer ${token}` } },
        Buffer.from(JSON.stringify({ path: "big", content: "a".repeat(bytes) })),
      );
    assert.equal((await write(3_000_000)).status, 200);
    assert.equal(readFileSync(join(world.workspace, "big"), "utf8").length, 3_000_000);
    for (const bytes of [16 * 1024 * 1024, 20_000_000]) assert.equal((await write(bytes)).status, 413, String(bytes));
  });
}

test(
  "behind a proxy that breaks WebSockets a machine works all the same",
  needs("bwrap", "openssl", "nginx"),
  async () => {
    await using entrance = await entranceOf("careless");
    const { url, certificate, settings } = entrance;
    await using hub = await startHub(settings);
    await using _proxy = await entrance.open();
    const trusting = { NODE_OPTIONS: `--import=${names}`, NODE_EXTRA_CA_CERTS: certificate.cert };
    await using machine = await startMachine(url, await hub.invite("--name", "far"), trusting);
    await until(async () => JSON.parse(await hub.paddock("machine", "list", "--json"))[0]?.online === true);
    const { stdout } = await commandOf(hub)(["call", "run_command", "--command", "echo once >> made", "--json"]);
    assert.equal(JSON.parse(stdout).data.exit_code, 0);
    assert.equal(readFileSync(join(machine.workspace, "made"), "utf8"), "once\n");
  },
);
