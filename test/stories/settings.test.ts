/** Every documented setting does something: started with another value than the default, Paddock behaves otherwise. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type ConfigKey, configKeys, environmentName } from "@paddock/contract";
import { control } from "../../packages/cli/src/control/request.ts";
import { startNtfy } from "../../packages/runner/src/approvals/channels/ntfy/ntfy.fixture.ts";
import { startBot } from "../../packages/runner/src/approvals/channels/webhook/bot.fixture.ts";
import { needs } from "../needs.ts";
import { rest } from "../world/callers.ts";
import { commandOf, jsonOf } from "../world/command.ts";
import { openSite, siteAddress, throughProxy } from "../world/site.ts";
import { freePort, until } from "../world/until.ts";
import { up } from "../world/up.ts";
import { startWorld, type World } from "../world/world.ts";
import {
  type Effect,
  finished,
  kibibyte,
  limits,
  type Place,
  testedElsewhere,
  workspaceOf,
} from "./limit-settings.fixture.ts";
import { asked, kept } from "./owner-settings.fixture.ts";

type Effects = Partial<Record<ConfigKey, Effect>>;

const port = String(await freePort());

/** In cages, with everything small. */
const small = {
  workspace: {
    value: "~/here",
    async shows({ world, call }) {
      const place = workspaceOf(world);
      assert.deepEqual([existsSync(place), (await call("agent_status")).data.workspace], [true, place]);
    },
  },
  answer_budget_seconds: {
    value: "1",
    async shows({ call }) {
      const { data } = await call("run_command", { command: "sleep 1.7", timeout_seconds: 60 });
      assert.equal(data.state, "running");
      assert.equal((await until(async () => finished(await call("get_run", { id: data.run_id })))).data.exit_code, 0);
    },
  },
  command_timeout_seconds: {
    value: "2",
    async shows({ call }) {
      const { data } = await call("run_command", { command: "sleep 60" });
      const ended = await until(async () => finished(await call("get_run", { id: data.run_id })));
      assert.equal(ended.data.timed_out, true);
    },
  },
  approval_timeout_seconds: {
    value: "5",
    async shows({ world, call }) {
      const { data } = await call("run_command", { command: "id", needs: { no_cage: true, reason: "r" } });
      const { questions } = await jsonOf<{ questions: { askedAt: number; expiresAt: number }[] }>(
        commandOf(world),
        "approve",
      );
      const waitsMs = (questions[0]?.expiresAt ?? 0) - (questions[0]?.askedAt ?? 0);
      assert.ok(waitsMs > 0 && waitsMs <= 5000, String(waitsMs));
      const ended = await until(async () => finished(await call("get_run", { id: data.run_id })));
      assert.equal(ended.data.code, "approval_expired");
    },
  },
  ...limits,
  checkpoint_count: {
    value: "2",
    async shows({ call }) {
      for (const content of ["1", "2", "3", "4"])
        await call("write_file", { path: "counted", content, overwrite: true });
      assert.equal((await call("rewind", { action: "list" })).data.checkpoints.length, 2);
    },
  },
  checkpoint_file_bytes: {
    value: "100",
    async shows({ world, call }) {
      writeFileSync(join(workspaceOf(world), "long"), "x".repeat(200));
      const { data } = await call("delete_file", { path: "long" });
      assert.deepEqual(data.warnings, ["Not all of what this replaced could be kept for rewind."]);
    },
  },
  memory_max_bytes: {
    value: "300",
    async shows({ world, instructions }) {
      writeFileSync(join(workspaceOf(world), "AGENTS.md"), `begin ${"x".repeat(400)} end\n`);
      const told = await until(async () => /begin x/.test(await instructions()) && (await instructions()));
      assert.deepEqual([/ end/.test(told), /cut here/.test(told)], [false, true]);
    },
  },
  memory_max_lines: {
    value: "5",
    async shows({ world, instructions }) {
      const lines = Array.from({ length: 9 }, (_, line) => `Line ${line + 1}.`).join("\n");
      writeFileSync(join(workspaceOf(world), "AGENTS.md"), lines);
      const told = await until(async () => /Line 5\./.test(await instructions()) && (await instructions()));
      assert.doesNotMatch(told, /Line 6\./);
    },
  },
  hook_timeout_seconds: {
    value: "1",
    async shows({ world, call }) {
      const hooks = [{ glob: "*.slow", command: "sleep 30" }];
      writeFileSync(join(world.home, "runner", "hooks.json"), JSON.stringify(hooks));
      const { data } = await call("write_file", { path: "a.slow", content: "x" });
      const run =
        data.run_id === undefined
          ? { data }
          : await until(async () => finished(await call("get_run", { id: data.run_id })));
      assert.match(JSON.stringify(run.data), /"timed_out":true/);
    },
  },
  bridge_idle_seconds: {
    value: "1",
    async shows({ world, call }) {
      const script = new URL("../../packages/runner/src/bridge/old-server.fixture.sh", import.meta.url);
      const server = {
        ...{ id: "old", name: "old", enabled: true, transport: "stdio", expose: "all" },
        ...{ command: "bash", args: ["-c", readFileSync(script, "utf8")] },
      };
      writeFileSync(join(world.home, "runner", "bridge.json"), JSON.stringify({ version: 1, servers: [server] }));
      const state = async () => (await call("mcp_servers")).data.servers[0].state;
      assert.equal((await call("mcp_tools", { server_id: "old" })).ok, true);
      await until(async () => (await state()) === "stopped");
    },
  },
  hidden_paths: {
    value: ".hide",
    async shows({ world, call }) {
      writeFileSync(join(workspaceOf(world), ".hide"), "what nobody sees");
      assert.equal((await call("read_text_file", { path: ".hide" })).data.code, "denied");
      // It is new, so a cage that showed its folder is stopped first.
      const said = await until(async () => {
        const { ok, data } = await call("run_command", { command: "cat .hide" });
        return ok && data.stderr;
      });
      assert.match(said, /Permission denied/);
    },
  },
  network_allow: {
    value: siteAddress,
    async shows({ call }) {
      using site = await openSite();
      const { data } = await until(async () => {
        const answer = await call("run_command", { command: throughProxy(site.address) });
        return answer.data.exit_code === 0 && answer;
      });
      assert.equal(data.stdout, "reached\n");
    },
  },
  network_max_connections: {
    value: "1",
    async shows({ call }) {
      using site = await openSite();
      const command = `exec 7<>/dev/tcp/127.0.0.1/3128; ${throughProxy(site.address)}; exec 7>&-`;
      assert.equal((await call("run_command", { command })).data.stdout, "");
    },
  },
  network_idle_seconds: {
    value: "1",
    async shows({ call }) {
      using site = await openSite();
      const ask = `printf 'CONNECT ${site.address} HTTP/1.1\\r\\n\\r\\n' >&7`;
      // Nothing is sent after that: whoever closes it is the other side.
      const command = `exec 7<>/dev/tcp/127.0.0.1/3128; ${ask}; cat <&7; exec 7>&-; echo closed`;
      const { data } = await call("run_command", { command, timeout_seconds: 60 });
      const ended = await until(async () => finished(await call("get_run", { id: data.run_id })));
      assert.match(ended.data.stdout, /closed\n$/);
    },
  },
  public_url: {
    value: "https://paddock.example",
    async shows({ world }) {
      const { hub } = await jsonOf<{ hub: { url: string } }>(commandOf(world), "status");
      assert.equal(hub.url, "https://paddock.example");
    },
  },
  allowed_origins: {
    value: "https://app.example",
    async shows({ world }) {
      const { headers } = await fetch(`${world.address}/healthz`, { headers: { origin: "https://app.example" } });
      assert.equal(headers.get("access-control-allow-origin"), "https://app.example");
    },
  },
  audit_max_bytes: {
    value: "2000",
    async shows({ world, call }) {
      for (let index = 0; index < 12; index += 1) await call("agent_status");
      assert.equal(existsSync(join(world.home, "runner", "audit.jsonl.1")), true);
    },
  },
  audit_keep: {
    value: "1",
    async shows({ world, call }) {
      for (let index = 0; index < 30; index += 1) await call("agent_status");
      assert.equal(existsSync(join(world.home, "runner", "audit.jsonl.2")), false);
    },
  },
  result_keep_bytes: {
    value: "50000",
    async shows({ world, call }) {
      await call("run_command", { command: "echo oldest" });
      const [run] = await jsonOf<{ id: string }[]>(commandOf(world), "run", "list", "--limit", "1");
      const kept = async () => (await call("get_run", { id: run?.id })).data.code ?? "kept";
      assert.equal(await kept(), "kept");
      for (let more = 0; more < 30; more += 1) await call("run_command", { command: "seq 5000" });
      assert.equal(await kept(), "run_not_found");
    },
  },
  result_keep_days: {
    value: "0",
    async shows({ world, call }) {
      // The hub forgets once in its first half minute, and then for an hour no more.
      const run = await until(async () => {
        await call("agent_status");
        return (await jsonOf<{ id: string }[]>(commandOf(world), "run", "list", "--limit", "1"))[0];
      });
      const path = `/runs/${run.id}`;
      const socket = join(world.home, "runner", "control.sock");
      await control({ socket, path });
      const before = await world.pids();
      process.kill(before.runner, "SIGKILL");
      await until(async () => (await world.pids().catch(() => before)).runner !== before.runner);
      await assert.rejects(control({ socket, path }), { code: "run_not_found" });
    },
  },
} satisfies Effects;

/** Without cages, as far as these settings need none. */
const loose = {
  host: {
    value: "127.0.0.2",
    async shows({ world }) {
      assert.equal(new URL(world.address).hostname, "127.0.0.2");
    },
  },
  port: {
    value: port,
    async shows({ world }) {
      assert.equal(new URL(world.address).port, port);
    },
  },
  profile: {
    value: "readonly",
    async shows({ call }) {
      assert.equal((await call("write_file", { path: "a", content: "x" })).data.code, "readonly");
    },
  },
  sandbox: {
    value: "none",
    async shows({ call }) {
      assert.equal((await call("agent_status")).data.sandbox.kind, "none");
    },
  },
  ...kept,
  failed_credentials_per_minute: {
    value: "2",
    async shows({ world }) {
      const status = async () => (await fetch(`${world.address}/api/v1/tools/agent_status`, wrong)).status;
      assert.deepEqual([await status(), await status(), await status()], [401, 401, 429]);
    },
  },
  trusted_proxies: {
    value: "127.0.0.0/8",
    async shows({ world }) {
      const from = async (origin: string) => {
        const headers = { ...wrong.headers, "x-forwarded-for": origin };
        return (await fetch(`${world.address}/api/v1/tools/agent_status`, { ...wrong, headers })).status;
      };
      const [one, other] = ["203.0.113.9", "203.0.113.10"];
      assert.deepEqual([await from(one), await from(one), await from(one), await from(other)], [401, 401, 429, 401]);
    },
  },
} satisfies Effects;

const wrong = { method: "POST", headers: { authorization: "Bearer wrong" }, body: "{}" };

const offline = {
  ...asked,
  network: {
    value: "none",
    async shows({ call }) {
      const { data } = await call("run_command", { command: "env | grep -ci proxy; : <>/dev/tcp/127.0.0.1/3128" });
      assert.match(`${data.stdout}${data.stderr}`, /^0\n.*Connection refused/s);
    },
  },
} satisfies Effects;

const unkept = {
  checkpoints: {
    value: "false",
    async shows({ call }) {
      const { data } = await call("write_file", { path: "a", content: "x" });
      assert.deepEqual(
        [data.checkpoint_id, (await call("rewind", { action: "status" })).data.status.enabled],
        [null, false],
      );
    },
  },
  bridge_start_seconds: {
    value: "1",
    async shows({ world, call }) {
      const silent = { id: "silent", transport: "stdio", command: "sleep", args: ["60"], enabled: true };
      writeFileSync(join(world.home, "runner", "bridge.json"), JSON.stringify({ version: 1, servers: [silent] }));
      assert.equal((await call("mcp_tools", { server_id: "silent" })).data.code, "timeout");
    },
  },
} satisfies Effects;

const tight = {
  checkpoint_bytes: {
    value: "1",
    async shows({ call }) {
      for (let index = 0; index < 60; index += 1)
        await call("write_file", { path: "a", content: `${index} is written`, overwrite: true });
      assert.ok((await call("rewind", { action: "list", limit: 200 })).data.checkpoints.length < 60);
    },
  },
} satisfies Effects;

const shortLived = {
  checkpoint_days: {
    value: "0",
    async shows({ call }) {
      for (let index = 0; index < 60; index += 1)
        await call("write_file", { path: "a", content: String(index), overwrite: true });
      assert.ok((await call("rewind", { action: "list", limit: 200 })).data.checkpoints.length < 60);
    },
  },
} satisfies Effects;

const [phone, bot] = [await startNtfy(), await startBot()];
const secrets = mkdtempSync(join(tmpdir(), "ps-"));
after(async () => {
  await Promise.all([phone[Symbol.asyncDispose](), bot[Symbol.asyncDispose]()]);
  rmSync(secrets, { recursive: true });
});

function secretFile(name: string, secret: string): string {
  const file = join(secrets, name);
  writeFileSync(file, secret, { mode: 0o600 });
  return file;
}

/** The stand-in takes nothing without the token, nor to another topic than is looked at. */
const onPhone = async ({ call }: Pick<Place, "call">) => {
  const before = phone.messages("box").length;
  assert.equal((await call("send_notification", { text: "Done.", channel: "ntfy" })).ok, true);
  const [message] = phone.messages("box").slice(before);
  assert.equal(message?.message, "│ Done.");
  return message;
};
/** The stand-in takes nothing that is not signed with the secret. */
const atTheBot = async ({ call }: Place) => {
  bot.received.length = 0;
  assert.equal((await call("send_notification", { text: "Done.", channel: "webhook" })).ok, true);
  assert.deepEqual(
    bot.received.map(({ type, text }) => [type, text]),
    [["message", "│ Done."]],
  );
};
const toPhone = async (place: Place) => void (await onPhone(place));

const reached = {
  ntfy_url: { value: phone.url, shows: toPhone },
  ntfy_topic: { value: "box", shows: toPhone },
  ntfy_token_file: { value: secretFile("token", phone.token), shows: toPhone },
  webhook_url: { value: bot.url, shows: atTheBot },
  webhook_secret_file: { value: secretFile("secret", bot.secret), shows: atTheBot },
  language: {
    value: "zh",
    async shows(place) {
      assert.match((await onPhone(place))?.title ?? "", /^来自 .+ 上 .+ 的消息$/);
    },
  },
  notifications_per_hour: {
    value: "7",
    async shows({ world }) {
      const other = await rest(world);
      for (let index = 0; index < 7; index += 1) await onPhone(other);
      const { data } = await other.call("send_notification", { text: "Once more.", channel: "ntfy" });
      assert.equal(data.code, "rate_limited");
    },
  },
  channel_timeout_seconds: {
    value: "30",
    async shows(place) {
      bot.lie = (response) => void setTimeout(() => response.writeHead(200).end("{}"), 6_000);
      const { ok } = await place.call("send_notification", { text: "Done.", channel: "webhook" });
      bot.lie = null;
      assert.equal(ok, true);
    },
  },
  approval_channels: {
    value: "desktop",
    async shows({ call }) {
      const { data } = await call("run_command", { command: "id", needs: { no_cage: true, reason: "r" } });
      assert.equal(data.code, "approval_unavailable");
    },
  },
} satisfies Effects;

const groups = {
  small: { effects: small, more: {} },
  loose: { effects: loose, more: {} },
  "without network": { effects: offline, more: {} },
  "without checkpoints": {
    effects: unkept,
    more: { PADDOCK_SANDBOX: "none", PADDOCK_ANSWER_BUDGET_SECONDS: "15" },
  },
  "ways to the owner": { effects: reached, more: {} },
  "with checkpoints of one byte": { effects: tight, more: { PADDOCK_SANDBOX: "none" } },
  "with checkpoints of no day": { effects: shortLived, more: { PADDOCK_SANDBOX: "none" } },
} as const;

for (const [name, { effects, more }] of Object.entries(groups)) {
  describe(
    `a Paddock whose settings are ${name}`,
    "PADDOCK_SANDBOX" in more || name === "loose" ? {} : needs("bwrap", "git", "curl"),
    () => {
      let place: Place & AsyncDisposable;
      before(async () => {
        const rows = Object.entries(effects as Effects) as [ConfigKey, Effect][];
        const settings = Object.fromEntries(rows.map(([key, { value }]) => [environmentName(key), value]));
        const world = await startWorld({ settings: { ...more, ...settings } });
        const { call } = await rest(world);
        const token = await world.token();
        const instructions = () => instructionsOf(world, token);
        place = { world, call, instructions, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
      });
      after(() => place?.[Symbol.asyncDispose]());
      for (const [key, { value, shows }] of Object.entries(effects as Effects))
        test(`${key} = ${value}`, () => shows(place));
    },
  );
}

const held = {
  PADDOCK_MEMORY_BYTES: String(64 * 1024 * kibibyte),
  PADDOCK_MAX_PIDS: "40",
  PADDOCK_MAX_CPUS: "0.5",
};

test("memory_bytes, max_pids and max_cpus hold, or stop the start where they cannot", needs("bwrap"), async () => {
  await using world = await startWorld({ up: false, settings: held });
  await using running = up(world, "--json");
  const { error } = JSON.parse(await until(() => running.said().endsWith("}\n") && running.said()));
  if (error) {
    assert.equal(error.code, "cannot_enforce");
    assert.match(error.message, /^(memory_bytes|max_pids|max_cpus) is set, but/);
    assert.equal(await running.ended, 7);
    return;
  }
  const run = commandOf(world);
  const forks = "for n in $(seq 80); do sleep 3 & done 2>&1; wait";
  assert.match((await run(["call", "run_command", "--command", forks])).stdout, /Resource temporarily unavailable/);
  const eats = "head -c 300M /dev/zero | tail -c 299M | wc -c";
  assert.doesNotMatch((await run(["call", "run_command", "--command", eats])).stdout, /313524224/);
  const spins = "timeout 2 sh -c 'while :; do :; done'; times";
  const { stdout } = JSON.parse((await run(["call", "run_command", "--command", spins, "--json"])).stdout).data;
  const [, seconds] = /\n0m([\d.]+)s/.exec(stdout) ?? [];
  assert.ok(Number(seconds) < 1.8, stdout);
});

test("log_level says how much is logged", async () => {
  await using world = await startWorld({
    up: false,
    settings: { PADDOCK_LOG_LEVEL: "debug", PADDOCK_SANDBOX: "none" },
  });
  await using running = up(world, "--json");
  await until(() => running.said().includes("\n"));
  await until(() => /hub ready/.test(running.complained()) && /runner ready/.test(running.complained()));
});

test("no documented setting is left out", () => {
  const covered = [...Object.values(groups).flatMap(({ effects }) => Object.keys(effects)), ...testedElsewhere];
  assert.deepEqual(covered.toSorted(), configKeys.toSorted());
});

async function instructionsOf(world: World, token: string): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const response = await fetch(`${world.address}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }),
  });
  return response.text();
}
