/** Who may say yes: the machine, a device that was enrolled on it, and nobody else, whatever the hub says. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { AuditRecord, ShownQuestion } from "@paddock/contract";
import { newId } from "@paddock/contract";
import { type DialledHub, openDialledHub } from "../../packages/runner/src/link/dialled-hub.fixture.ts";
import { openScriptedHub } from "../../packages/runner/src/link/hub.fixture.ts";
import { needs } from "../needs.ts";
import { type Caller, rest } from "../world/callers.ts";
import { until } from "../world/until.ts";
import { paddockCommand, startWorld, type World } from "../world/world.ts";

const withBwrap = needs("bwrap");
const wish = { command: "echo outside", needs: { no_cage: true, reason: "to try" } };

let world: World;
let agent: Caller;
let keyFile: string;
let deviceId: string;

before(async () => {
  world = await startWorld();
  agent = await rest(world);
  keyFile = join(world.workspace, "..", "device.json");
  const { publicKey } = JSON.parse(await world.paddock("device", "new", keyFile, "--json"));
  deviceId = JSON.parse(await world.paddock("device", "enrol", "phone", publicKey, "--json")).id;
});
after(() => world[Symbol.asyncDispose]());

const waiting = () =>
  until(async () => {
    const { questions } = JSON.parse(await world.paddock("approve", "--hub", "--json"));
    return (questions as ShownQuestion[])[0];
  });

/** The code under the question, as a person reads it. */
async function seenCode(): Promise<string> {
  const [, code] = /--seen ([0-9a-f]+)/.exec(await world.paddock("approve", "--hub")) ?? [];
  assert.ok(code);
  return code;
}

const refusalOf = (...args: string[]): Promise<string> =>
  world.paddock(...args, "--json").then(
    () => "none",
    ({ stdout }: { stdout: string }) => JSON.parse(stdout).error.code,
  );

async function answers(): Promise<AuditRecord[]> {
  const text = await world.paddock("audit", "tail", "--lines", "200", "--json");
  const records: AuditRecord[] = JSON.parse(text);
  return records.filter(({ event }) => event === "approval.answered" || event === "approval.refused");
}

test("the hub's own word does not let a command out of the cage; a device's signature does", withBwrap, async () => {
  const call = agent.call("run_command", wish);
  const { id } = await waiting();
  assert.equal(await refusalOf("approve", id, "--hub"), "answer_too_weak");
  assert.equal(await refusalOf("approve", id, "--hub", "--for", "30"), "answer_too_weak");
  assert.equal(await refusalOf("approve", id, "--hub", "--device", keyFile), "invalid_input");
  assert.equal(await refusalOf("approve", id, "--hub", "--device", keyFile, "--seen", "0".repeat(20)), "invalid_input");
  await world.paddock("approve", id, "--hub", "--device", keyFile, "--seen", await seenCode());
  assert.equal((await call).data.stdout, "outside\n");
  const [given] = (await answers()).filter(({ detail }) => detail?.assurance !== undefined);
  assert.deepEqual(
    [given?.detail?.by, given?.detail?.assurance, given?.detail?.channel],
    [`phone (${deviceId})`, "device", "hub"],
  );
});

test(
  "a signature for one question fits no other, and an answer that comes late changes nothing",
  withBwrap,
  async () => {
    const control = (method: string, path: string, body?: unknown) =>
      overSocket(join(world.home, "hub", "control.sock"), method, path, body);
    const first = agent.call("run_command", wish);
    const one = await waiting();
    const other = join(world.workspace, "..", "stranger.json");
    await world.paddock("device", "new", other);
    const signedByStranger = ["--hub", "--device", other, "--seen", await seenCode()];
    assert.equal(await refusalOf("approve", one.id, ...signedByStranger), "wrong_signature");
    await world.paddock("approve", one.id, "--deny", "--reason", "Not now.");
    assert.equal((await first).data.message, 'The owner said no: "Not now."');
    const late = await control("POST", `/approvals/${one.id}`, { answer: { type: "allow_once" } });
    assert.equal(late.error?.code, "not_found");
    assert.equal(await refusalOf("approve", one.id), "approval_over");
  },
);

test("no surface that a token opens answers a question", withBwrap, async () => {
  const call = agent.call("run_command", wish);
  const { id } = await waiting();
  const token = await world.token({ toolset: "full" });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ answer: { type: "allow_once" } });
  for (const path of ["/approvals", "/api/v1/approvals", "/api/approvals"]) {
    const answer = await fetch(`${world.address}${path}/${id}`, { method: "POST", headers, body });
    assert.ok(answer.status >= 400, path);
  }
  const rpc = { jsonrpc: "2.0", id: 1, method: "elicitation/create", params: { action: "accept", content: { id } } };
  const elicited = await fetch(`${world.address}/mcp`, { method: "POST", headers, body: JSON.stringify(rpc) });
  assert.doesNotMatch(await elicited.text(), /"result"/);
  await using attached = await openScriptedHub(join(world.home, "runner", "control.sock"));
  attached.send({ type: "answer", exchange: 1, id, answer: { type: "allow_once" }, by: "owner" });
  assert.equal((await waiting()).id, id);
  await world.paddock("approve", id, "--deny");
  assert.equal((await call).data.code, "approval_denied");
});

test("a device that was removed has no say any more", withBwrap, async () => {
  const call = agent.call("run_command", wish);
  const { id } = await waiting();
  await world.paddock("device", "remove", deviceId);
  const code = await refusalOf("approve", id, "--hub", "--device", keyFile, "--seen", await seenCode());
  assert.equal(code, "wrong_signature");
  await world.paddock("approve", id, "--deny");
  assert.equal((await call).data.code, "approval_denied");
});

test("a hub that forges answers gets nothing run, and the runner's log says what it tried", withBwrap, async () => {
  await using place = await startWorld({ up: false });
  await using hub = await lyingHub(place);
  const run = newId("run");
  const principal = { id: "tok_x", name: "x", surface: "mcp", toolset: "full", workspaces: [] };
  hub.send({
    type: "call",
    run,
    channel: 1,
    tool: "run_command",
    input: wish,
    principal,
    deadline: Date.now() + 60_000,
  });
  const { question } = await hub.next("question");
  const forged = { publicKey: "A".repeat(43), signature: "A".repeat(86) };
  const allow = { type: "answer", id: question.id, by: "owner", answer: { type: "allow_once" } };
  const tries = [
    { ...allow, exchange: 1 },
    { ...allow, exchange: 2, assurance: "local", channel: "cli" },
    { ...allow, exchange: 3, signature: forged },
    { ...allow, exchange: 4, answer: { type: "allow_always" } },
    { ...allow, exchange: 5, id: newId("apr") },
  ];
  const codes: string[] = [];
  for (const frame of tries) {
    hub.send(frame);
    codes.push((await hub.next("answer_refused", ({ exchange }) => exchange === frame.exchange)).code);
  }
  const tooWeak = "answer_too_weak";
  assert.deepEqual(codes, [tooWeak, tooWeak, "wrong_signature", tooWeak, "not_found"]);
  hub.send({ ...allow, exchange: 6, answer: { type: "deny" } });
  await hub.next("answer_taken");
  assert.deepEqual((await hub.next("result")).state, "refused");
});

/** A hub of somebody else's, to which the runner of this place dials. */
async function lyingHub(place: World): Promise<DialledHub> {
  const folder = join(place.home, "hub");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let runner: ChildProcess | undefined;
  const hub = await openDialledHub(join(folder, "link.sock"), () => {
    runner = spawn(process.execPath, [paddockCommand, "runner"], { env: place.environment, stdio: "ignore" });
  });
  return {
    ...hub,
    async [Symbol.asyncDispose]() {
      if (runner) await ended(runner);
      await hub[Symbol.asyncDispose]();
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads any answer
function overSocket(socketPath: string, method: string, path: string, body?: unknown): Promise<any> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const asked = request({ socketPath, method, path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(JSON.parse(Buffer.concat(chunks).toString()));
    });
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
