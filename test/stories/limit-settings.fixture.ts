/** The settings that bound what one call or one process may use, each with what an owner or a client notices of it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ConfigKey } from "@paddock/contract";
import type { Caller } from "../world/callers.ts";
import { until } from "../world/until.ts";
import type { World } from "../world/world.ts";

export interface Place {
  world: World;
  call: Caller["call"];
  /** What an MCP client is told at the beginning. */
  instructions(): Promise<string>;
}

export interface Effect {
  value: string;
  /** What an owner or a client notices of it. */
  shows(place: Place): Promise<void>;
}

export const kibibyte = 1024;
export const workspaceOf = (world: World) => join(world.environment.HOME ?? "", "here");

export const finished = (answer: Awaited<ReturnType<Caller["call"]>>) =>
  answer.data.state === "running" || answer.data.state === "waiting_approval" ? null : answer;

export const limits = {
  tmp_bytes: {
    value: String(16 * kibibyte),
    async shows({ call }) {
      const { data } = await call("run_command", { command: "head -c 30000 /dev/zero > /tmp/large" });
      assert.match(data.stderr, /No space left/);
    },
  },
  max_open_files: {
    value: "77",
    async shows({ call }) {
      assert.equal((await call("run_command", { command: "ulimit -n" })).data.stdout, "77\n");
    },
  },
  max_file_bytes: {
    value: String(32 * kibibyte),
    async shows({ call }) {
      const { data } = await call("run_command", { command: "head -c 100000 /dev/zero > large; stat -c %s large" });
      assert.match(data.stdout, /^32768$/m);
    },
  },
  command_output_bytes: {
    value: "4000",
    async shows({ call }) {
      const { data } = await call("run_command", { command: "seq 5000" });
      assert.deepEqual([data.truncated, data.stdout.length <= 4000], [true, true]);
    },
  },
  max_runs_per_caller: {
    value: "3",
    async shows({ call }) {
      const wish = { command: "id", needs: { no_cage: true, reason: "r" } };
      const asked = await Promise.all([1, 2, 3, 4].map(() => call("run_command", wish)));
      assert.deepEqual(asked.map(({ data }) => data.code).filter(Boolean), ["too_many"]);
      for (const { data } of asked) {
        if (data.run_id) await until(async () => finished(await call("get_run", { id: data.run_id })));
      }
    },
  },
  stop_grace_seconds: {
    value: "0",
    async shows({ world, call }) {
      const command = "trap 'sleep 3; echo > late; exit' TERM; echo ready; while :; do sleep 0.1; done";
      const { data } = await call("start_process", { command });
      await until(async () => (await call("process_output", { id: data.id })).data.stdout.includes("ready"));
      assert.equal((await call("stop_process", { id: data.id })).ok, true);
      assert.equal(existsSync(join(workspaceOf(world), "late")), false);
      await call("clear_processes");
    },
  },
  max_processes: {
    value: "1",
    async shows({ call }) {
      assert.equal((await call("start_process", { command: "sleep 50" })).ok, true);
      assert.equal((await call("start_process", { command: "sleep 50" })).data.code, "too_many");
      const { processes } = (await call("process_status")).data;
      await call("stop_process", { id: processes[0].id, force: true });
    },
  },
  process_output_bytes: {
    value: String(4 * kibibyte),
    async shows({ call }) {
      const { data } = await call("start_process", { command: "seq 10000" });
      await until(async () => (await call("process_status", { id: data.id })).data.processes[0].state !== "running");
      const output = await call("process_output", { id: data.id, tail_chars: 200_000 });
      assert.ok(output.data.stdout.length <= 4 * kibibyte, String(output.data.stdout.length));
      await call("clear_processes");
    },
  },
} satisfies Record<string, Effect>;

/** Docker's are in docker.test.ts, the way to a hub in networks.test.ts. */
export const testedElsewhere = [
  "memory_bytes",
  "max_pids",
  "max_cpus",
  "log_level",
  "docker_image",
  "docker_socket",
  "hub_proxy_file",
] as const satisfies ConfigKey[];
