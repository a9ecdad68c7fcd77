/** One hub, two machines: which of them a call is for, and who may use which. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeServers } from "@paddock/runner/bridge";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { type Hub, type Part, startHub, startMachine } from "../world/machine.ts";
import { until } from "../world/until.ts";

const here = needs("bwrap");
const open = new AsyncDisposableStack();
let hub: Hub;
const machines: Record<string, Part> = {};

before(async () => {
  if (here.skip) return;
  hub = open.use(await startHub());
  for (const name of ["alpha", "beta"]) {
    machines[name] = open.use(await startMachine(hub.address, await hub.invite("--name", name)));
  }
  await until(async () => (await listed()).every(({ online }) => online));
});
after(() => open.disposeAsync());

const listed = async (): Promise<{ id: string; name: string; online: boolean; lastSeenAt: string }[]> =>
  JSON.parse(await hub.paddock("machine", "list", "--json"));

async function caller(...options: string[]) {
  const created = await hub.paddock("token", "create", "--name", "test", "--toolset", "full", ...options, "--json");
  const { token } = JSON.parse(created);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any answer
  const post = async (path: string, body: object, more = {}): Promise<any> => {
    const sent = { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) };
    return (await fetch(new URL(path, hub.address), sent)).json();
  };
  return {
    call: (tool: string, input: object, more = {}) => post(`/api/v1/tools/${tool}`, input, more),
    async tools(): Promise<{ name: string; inputSchema: { properties: object } }[]> {
      const accept = { accept: "application/json, text/event-stream" };
      const answer = await post("/mcp", { jsonrpc: "2.0", id: 1, method: "tools/list" }, accept);
      return answer.result.tools;
    },
  };
}

test("a call without a machine is told which there are, and one that names it runs there alone", here, async () => {
  const { call } = await caller();
  const { data } = await call("write_file", { path: "a.txt", content: "a" });
  assert.deepEqual([data.code, data.message], ["machine_required", "Say which machine is meant: alpha, beta."]);
  const done = await call("write_file", { machine: "beta", path: "a.txt", content: "a" });
  assert.equal(done.ok, true);
  assert.deepEqual(
    ["alpha", "beta"].map((name) => existsSync(join(machines[name]?.workspace ?? "", "a.txt"))),
    [false, true],
  );
  const [alpha] = await listed();
  const byId = await call("agent_status", { machine: alpha?.id });
  assert.equal(byId.data.workspace, machines.alpha?.workspace);
});

test("a machine is named in the input only, by one that there is, in words", here, async () => {
  const { call } = await caller();
  const codes = async (machine: unknown) => (await call("glob", { pattern: "*", machine })).data.code;
  assert.deepEqual(
    [await codes("gamma"), await codes(""), await codes(7), await codes({})],
    ["machine_not_found", "invalid_input", "invalid_input", "invalid_input"],
  );
  assert.equal((await call("list_runs", { machine: "alpha" })).data.code, "invalid_input");
});

test("every tool of a machine shows the field, and no other does", here, async () => {
  const { tools } = await caller();
  const without = (await tools()).filter(({ inputSchema }) => !Object.hasOwn(inputSchema.properties, "machine"));
  assert.deepEqual(without.map(({ name }) => name).sort(), [
    "batch",
    "get_run",
    "list_machines",
    "list_runs",
    "transfer_file",
  ]);
});

test("a token for one machine works there, sees no other, and is shown no field", here, async () => {
  const { call, tools } = await caller("--machine", "alpha");
  const { data } = await call("agent_status", {});
  assert.equal(data.workspace, machines.alpha?.workspace);
  for (const tool of ["glob", "run_command", "start_session"]) {
    const refused = await call(tool, { machine: "beta", pattern: "*", command: "true" });
    assert.equal(refused.data.code, "machine_not_found", tool);
  }
  const known = (await call("list_machines", {})).data.machines.map(({ name }: { name: string }) => name);
  assert.deepEqual(known, ["alpha"]);
  assert.ok((await tools()).every(({ inputSchema }) => !Object.hasOwn(inputSchema.properties, "machine")));
});

test("a token names machines that there are", here, async () => {
  const { stdout } = await commandOf(hub)(["token", "create", "--name", "x", "--machine", "gamma", "--json"]);
  assert.equal(JSON.parse(stdout).error.code, "machine_not_found");
});

test("the same idempotency key on another machine is another call", here, async () => {
  const { call } = await caller();
  const key = { "idempotency-key": "once" };
  const on = (machine: string) => call("run_command", { machine, command: "pwd" }, key);
  const first = await on("alpha");
  assert.equal(first.data.stdout, `${machines.alpha?.workspace}\n`);
  assert.deepEqual(await on("alpha"), first);
  assert.equal((await on("beta")).data.code, "idempotency_conflict");
});

test(
  "a coordinator sees machines and its calls, and nothing of it reaches a machine but words to its owner",
  here,
  async () => {
    const { call, tools } = await caller("--toolset", "coordinator");
    assert.deepEqual((await tools()).map(({ name }) => name).sort(), [
      "get_run",
      "list_machines",
      "list_notification_channels",
      "list_runs",
      "send_notification",
    ]);
    assert.equal((await call("list_machines", {})).data.machines.length, 2);
    assert.equal((await call("list_notification_channels", { machine: "beta" })).ok, true);
    for (const tool of ["run_command", "read_text_file", "start_session", "mcp_call", "agent_status"])
      assert.equal((await call(tool, { machine: "beta" })).data.code, "forbidden", tool);
  },
);

test("what a command prints is asked on the machine where it runs, and on no other", here, async () => {
  const { call } = await caller();
  const command = "echo begun; until [ -e let-go ]; do sleep 0.1; done";
  const answered = call("run_command", { machine: "beta", command });
  const id = await until(async () => (await call("list_runs", { open: true })).data.runs[0]?.id);
  const printed = () => call("process_output", { id }).then(({ data }) => data.stdout === "begun\n" && data);
  assert.equal((await until(printed)).state, "running");
  assert.equal((await call("process_output", { id, machine: "alpha" })).data.code, "run_not_found");
  assert.equal((await call("process_output", { id, machine: "beta" })).data.stdout, "begun\n");
  const { call: stranger } = await caller();
  assert.equal((await stranger("process_output", { id, machine: "beta" })).data.code, "run_not_found");
  await call("write_file", { machine: "beta", path: "let-go", content: "" });
  assert.equal((await answered).data.stdout, "begun\n");
});

test("the command line names the machine too", here, async () => {
  const answer = await hub.paddock("call", "run_command", "--machine", "beta", "--command", "pwd", "--json");
  assert.equal(JSON.parse(answer).data.stdout, `${machines.beta?.workspace}\n`);
});

test("the bridged servers of all machines come in one list, with the machines that cannot be asked", here, async () => {
  const { call } = await caller();
  for (const [name, { home }] of Object.entries(machines))
    writeServers(join(home, "runner", "bridge.json"), [{ id: `of-${name}`, transport: "stdio", command: "node" }]);
  const known = (data: { servers: { machine?: string; id: string }[] }) =>
    data.servers.map((one) => [one.machine, one.id]);
  const { data } = await call("mcp_servers", {});
  const both = [
    ["alpha", "of-alpha"],
    ["beta", "of-beta"],
  ];
  assert.deepEqual([known(data), data.count, data.failed], [both, 2, []]);
  assert.deepEqual(known((await call("mcp_servers", { machine: "beta" })).data), [[undefined, "of-beta"]]);
});

test(
  "a machine that is gone is offline; a disabled one takes no call, and the other then needs no name",
  here,
  async () => {
    const { call } = await caller();
    const seen = async () => {
      const [alpha] = (await call("list_machines", {})).data.machines;
      return [alpha.last_seen_at, (await listed())[0]?.lastSeenAt].map((at) => Date.parse(at));
    };
    const beforeEnd = Date.now();
    for (const at of await seen()) assert.ok(at >= beforeEnd, "one that is online is seen now");
    await machines.alpha?.[Symbol.asyncDispose]();
    await until(async () => !(await listed())[0]?.online);
    const gone = Date.now();
    const [shown = 0, recorded] = await seen();
    assert.ok(shown === recorded && shown >= beforeEnd && shown <= gone, `${beforeEnd} ${shown} ${recorded} ${gone}`);
    assert.equal((await call("glob", { machine: "alpha", pattern: "*" })).data.code, "machine_offline");
    const { servers, failed } = (await call("mcp_servers", {})).data;
    assert.deepEqual(
      [servers.length, failed],
      [1, [{ machine: "alpha", code: "machine_offline", message: "The machine alpha is not connected." }]],
    );
    await hub.paddock("machine", "disable", "alpha");
    assert.equal((await call("glob", { machine: "alpha", pattern: "*" })).data.code, "machine_disabled");
    assert.equal((await call("agent_status", {})).data.workspace, machines.beta?.workspace);
  },
);
