/** What a machine elsewhere costs: calls over its link beside those on the hub's own machine, and many links at once. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@paddock/contract";
import { protocolVersion } from "@paddock/contract/link";
import { readJoinCode } from "@paddock/link/join-code";
import { approachHub, fingerprintOf, type LinkKey, newKey, socketCarrier } from "@paddock/link/sealed";
import { WebSocket } from "ws";
import { control } from "../../packages/cli/src/control/request.ts";
import { type Hub, startHub, startMachine } from "../../test/world/machine.ts";
import { freePort } from "../../test/world/until.ts";
import { startWorld } from "../../test/world/world.ts";
import { inTurns, type LoneFigure, type Measured } from "../figure.ts";
import { type Client, connect } from "../http-client.ts";
import { residentOf } from "../memory.ts";

const megabyte = "x".repeat(1_000_000);
const idleLinks = 200;
const returning = 1_000;

export const link: LoneFigure = {
  name: "link",
  async measure() {
    return [...(await remoteCalls()), ...(await manyLinks())];
  },
};

async function remoteCalls(): Promise<Measured[]> {
  await using own = await startWorld();
  await using hub = await startHub();
  await using machine = await startMachine(hub.address, await hub.invite());
  for (const { workspace } of [own, machine]) writeFileSync(join(workspace, "large.txt"), megabyte);
  const made = JSON.parse(await hub.paddock("token", "create", "--name", "bench", "--toolset", "full", "--json"));
  const near = connect(own.address, { authorization: `Bearer ${await own.token()}` });
  const far = connect(hub.address, { authorization: `Bearer ${made.token}` });
  while ((await far.post("/api/v1/tools/agent_status", "{}")).status !== 200);
  const call = (client: Client, tool: string, input: object) => () =>
    client.post(`/api/v1/tools/${tool}`, JSON.stringify(input));
  const large = { path: "large.txt" };
  const short = await inTurns(
    { near: call(near, "agent_status", {}), far: call(far, "agent_status", {}) },
    { rounds: 20, each: 25 },
  );
  const long = await inTurns(
    { near: call(near, "read_text_file", large), far: call(far, "read_text_file", large) },
    { rounds: 10, each: 10 },
  );
  near.close();
  far.close();
  return [
    {
      name: "a call on another machine adds",
      unit: "us",
      ours: (short.far - short.near) * 1000,
      base: null,
      limit: { most: 600 },
    },
    {
      name: "1 MB from another machine",
      unit: "us",
      ours: long.far * 1000,
      base: { what: "from the hub's own", value: long.near * 1000 },
      limit: { most: 1.3 },
    },
  ];
}

async function manyLinks(): Promise<Measured[]> {
  await using hub = await startHub({ PADDOCK_PORT: String(await freePort()) });
  const keys: LinkKey[] = [];
  while (keys.length < returning) keys.push(...(await Promise.all(Array.from({ length: 50 }, () => enrol(hub)))));
  const warm = await Promise.all(keys.slice(0, 50).map((key) => linked(hub, key)));
  const before = residentOf([hub.child.pid ?? 0]);
  const idle = await Promise.all(keys.slice(50, 50 + idleLinks).map((key) => linked(hub, key)));
  const each = ((residentOf([hub.child.pid ?? 0]) - before) * 1000) / idleLinks;
  for (const socket of [...warm, ...idle]) socket.terminate();
  await hub.restart("SIGKILL");
  const begun = performance.now();
  const all = await Promise.all(keys.map((key) => linked(hub, key)));
  const seconds = (performance.now() - begun) / 1000;
  for (const socket of all) socket.terminate();
  return [
    {
      name: "an idle link in the hub",
      unit: "kB",
      ours: each,
      base: null,
      limit: { most: 50 },
      note: `of ${idleLinks}`,
    },
    {
      name: `${returning} machines come back at once`,
      unit: "ms",
      ours: seconds * 1000,
      base: null,
      limit: { most: 10_000 },
    },
  ];
}

const about = {
  instructions: "Work carefully.",
  workspace: "/srv/app",
  roots: [{ path: "/srv/app", write: true }],
  profile: "workspace",
  sandbox: "bwrap",
  bridged: false,
  bridgedTools: [],
};

async function enrol(hub: Hub): Promise<LinkKey> {
  const socket = join(hub.home, "hub", "control.sock");
  const { code } = await control<{ code: string }>({ socket, method: "POST", path: "/machines/codes", body: {} });
  const { secret, hub: fingerprint } = readJoinCode(code);
  const key = newKey();
  const wish = { type: "enrol", secret, hostname: "bench" };
  (await opened(hub, key, "enrol", (hubKey) => fingerprintOf(hubKey) === fingerprint, [wish])).terminate();
  return key;
}

/** A link on which the hub has said welcome; tried again as a runner does. */
async function linked(hub: Hub, key: LinkKey): Promise<WebSocket> {
  const hello = { type: "hello", version: protocolVersion, boot: newId("run"), machine: "bench", about };
  for (let delay = 250; ; delay = Math.min(delay * 2, 30_000)) {
    try {
      return await opened(hub, key, "link", () => true, [{ type: "prove", yields: false }, hello]);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, delay * (0.75 + Math.random() / 2)));
    }
  }
}

/** Says the words, the first with the signature, and resolves with the first answer. */
async function opened(
  hub: Hub,
  key: LinkKey,
  purpose: "link" | "enrol",
  trusts: (hubKey: string) => boolean,
  [proof, ...words]: readonly object[],
): Promise<WebSocket> {
  const socket = new WebSocket(`${hub.address.replace("http", "ws")}/link`, { perMessageDeflate: false });
  await once(socket, "open");
  return new Promise((resolve, reject) => {
    approachHub(socketCarrier(socket), {
      key,
      purpose,
      trusts,
      failed: reject,
      ready(wire, signature) {
        wire.listen({ text: () => resolve(socket), bytes() {}, closed: (reason) => reject(new Error(reason)) });
        for (const word of [{ ...proof, signature }, ...words]) wire.text(JSON.stringify(word));
      },
    });
  });
}
