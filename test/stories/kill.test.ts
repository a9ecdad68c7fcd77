/** Kill -9 is a normal event: nothing runs twice, nothing is said to be done that is not known, nothing lives on. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { needs } from "../needs.ts";
import { callers, type Envelope } from "../world/callers.ts";
import { commandLines, freePort, until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

/** Says when it has begun, waits, then appends its one line. */
const slowAppend = "echo begun > begun.txt; sleep 2; echo line >> lines.txt; echo done";

const hasBegun = ({ workspace }: World) => until(() => existsSync(join(workspace, "begun.txt")));

interface RunList {
  id: string;
  tool: string;
  state: string;
}

const runs = async (world: World): Promise<RunList[]> => JSON.parse(await world.paddock("run", "list", "--json"));

test(
  "the runner killed in the middle of a command: the caller learns unknown, nothing ran twice, nothing lives on",
  needs("bwrap"),
  async () => {
    await using world = await startWorld();
    await using agent = await callers.REST(world);
    const marker = `sleep 1${Date.now()}`;
    const answer = agent.call("run_command", { command: `echo line >> lines.txt; echo begun > begun.txt; ${marker}` });
    await hasBegun(world);
    process.kill((await world.pids()).runner, "SIGKILL");
    const { ok, data } = await answer;
    assert.deepEqual([ok, data.code], [false, "run_unknown"]);
    assert.match(data.run_id, /^run_/);
    assert.equal(readFileSync(join(world.workspace, "lines.txt"), "utf8"), "line\n");
    await until(() => !commandLines().some((line) => line.includes(marker)));
    const after = await until(() =>
      agent.call("get_run", { id: data.run_id }).then((again) => again.data.code === "run_unknown" && again),
    );
    assert.equal(after.ok, false);
    assert.equal(readFileSync(join(world.workspace, "lines.txt"), "utf8"), "line\n");
  },
);

test(
  "the hub killed in the middle of a command: the same client fetches the result under its old session",
  needs("bwrap"),
  async () => {
    await using world = await startWorld({
      settings: { PADDOCK_PORT: String(await freePort()), PADDOCK_ANSWER_BUDGET_SECONDS: "1" },
    });
    const token = await world.token();
    const client = new Client({ name: "story", version: "1.0.0" });
    const transport = new StreamableHTTPClientTransport(new URL(`${world.address}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });
    await client.connect(transport);
    const session = transport.sessionId;
    const call = async (name: string, args: Record<string, unknown>) =>
      (await client.callTool({ name, arguments: args })).structuredContent as unknown as Envelope;
    const unfinished = await call("run_command", { command: slowAppend });
    assert.equal(unfinished.data.state, "running");
    await hasBegun(world);
    process.kill((await world.pids()).hub, "SIGKILL");
    const finished = await until(() =>
      call("get_run", { id: unfinished.data.run_id, wait_seconds: 5 }).then(
        (envelope) => envelope.data.exit_code === 0 && envelope,
        () => false as const,
      ),
    );
    assert.deepEqual([finished.ok, finished.data.stdout], [true, "done\n"]);
    assert.equal(transport.sessionId, session);
    assert.equal(readFileSync(join(world.workspace, "lines.txt"), "utf8"), "line\n");
    assert.equal((await runs(world)).filter(({ tool }) => tool === "run_command").length, 1);
    const forged = await fetch(`${world.address}/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-session-id": `${(session ?? "").slice(0, -4)}AAAA`,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
    assert.equal(forged.status, 404);
    await client.close();
  },
);

test("the same idempotency key runs a command once, over a kill of the hub too", needs("bwrap"), async () => {
  await using world = await startWorld({ settings: { PADDOCK_PORT: String(await freePort()) } });
  const token = await world.token();
  const send = async () => {
    const response = await fetch(`${world.address}/api/v1/tools/run_command`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": "append-1" },
      body: JSON.stringify({ command: "echo line >> lines.txt" }),
    });
    return (await response.json()) as Envelope;
  };
  const first = await send();
  process.kill((await world.pids()).hub, "SIGKILL");
  const second = await until(() => send().catch(() => false as const));
  assert.deepEqual(second, first);
  assert.equal(readFileSync(join(world.workspace, "lines.txt"), "utf8"), "line\n");
});
