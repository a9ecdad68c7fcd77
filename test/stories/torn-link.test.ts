/** A link that breaks in the middle of a message, either way: half of it is never heard, and all of it comes over the next link. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { startHub, startMachine } from "../world/machine.ts";
import { until } from "../world/until.ts";

type Direction = "to the machine" | "to the hub";

interface Line extends AsyncDisposable {
  readonly address: string;
  /** Both ends are gone once so many bytes more have gone that way. */
  breakAfter(direction: Direction, bytes: number): void;
  readonly breaks: number;
}

async function openLine(hub: string): Promise<Line> {
  const { hostname: host, port } = new URL(hub);
  const left = new Map<Direction, number>();
  const open = new Set<Socket>();
  let breaks = 0;
  const pass = (direction: Direction, from: Socket, to: Socket): void => {
    from.on("data", (chunk: Buffer) => {
      const most = left.get(direction) ?? Number.POSITIVE_INFINITY;
      left.set(direction, most - chunk.length);
      if (chunk.length < most) return void to.write(chunk);
      left.clear();
      breaks += 1;
      to.write(chunk.subarray(0, most), () => to.destroy());
      from.destroy();
    });
    from.on("error", () => {}).on("close", () => to.destroy());
  };
  const server = createServer((machine) => {
    const far = connect({ host, port: Number(port) });
    for (const socket of [machine, far]) open.add(socket.on("close", () => open.delete(socket)));
    pass("to the hub", machine, far);
    pass("to the machine", far, machine);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakAfter: (direction, bytes) => void left.set(direction, bytes),
    get breaks() {
      return breaks;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const large = "0123456789".repeat(20_000);
const halfOfIt = large.length / 2;

test(
  "a side that vanishes in the middle of a message has said nothing of it, and says it again",
  needs("bwrap"),
  async () => {
    await using hub = await startHub();
    await using line = await openLine(hub.address);
    await using machine = await startMachine(line.address, await hub.invite());
    const { token } = JSON.parse(await hub.paddock("token", "create", "--name", "t", "--toolset", "full", "--json"));
    const call = async (tool: string, input: object, key: string) => {
      const headers = { authorization: `Bearer ${token}`, "idempotency-key": key };
      const sent = { method: "POST", headers, body: JSON.stringify(input) };
      const answer = await fetch(`${hub.address}/api/v1/tools/${tool}`, sent);
      return (await answer.json()) as { ok: boolean; data: { code?: string; content?: string } };
    };
    const done = (tool: string, input: object, key: string) =>
      until(() => call(tool, input, key).then((answer) => answer.ok && answer), 60_000);
    await done("write_file", { path: "first.txt", content: "x" }, "first");

    line.breakAfter("to the machine", halfOfIt);
    await done("write_file", { path: "large.txt", content: large }, "write");
    assert.deepEqual([readFileSync(join(machine.workspace, "large.txt"), "utf8") === large, line.breaks], [true, 1]);

    line.breakAfter("to the hub", 1_000);
    const append = "echo line >> lines.txt; head -c 90000 /dev/zero | tr '\\0' x";
    await done("run_command", { command: append }, "append");
    assert.deepEqual([readFileSync(join(machine.workspace, "lines.txt"), "utf8"), line.breaks], ["line\n", 2]);
  },
);
