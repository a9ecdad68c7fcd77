/** A gigabyte from one machine to another through the hub, beside the same between two plain programs over a socket. */
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { commandOf } from "../../test/world/command.ts";
import { type Hub, startHub, startMachine } from "../../test/world/machine.ts";
import { until } from "../../test/world/until.ts";
import type { LoneFigure } from "../figure.ts";
import { residentOf } from "../memory.ts";
import { firstLine } from "../stage.ts";

const megabytes = 1_024;

export const transfer: LoneFigure = {
  name: "transfer",
  async measure() {
    await using hub = await startHub();
    await using source = await startMachine(hub.address, await hub.invite("--name", "source"));
    await using target = await startMachine(hub.address, await hub.invite("--name", "target"));
    await until(async () => JSON.parse(await hub.paddock("machine", "list", "--json")).every(isOnline));
    const file = join(source.workspace, "large");
    fill(file);
    const base = await timed(() => betweenPrograms(file, join(target.workspace, "plain")));
    await through(hub, "first");
    const pids = [hub.child.pid ?? 0];
    const before = residentOf(pids);
    let most = before;
    const looking = setInterval(() => {
      most = Math.max(most, residentOf(pids));
    }, 50);
    const ours = await timed(() => through(hub, "second"));
    clearInterval(looking);
    const rate = (seconds: number) => (megabytes * 1.048576) / seconds;
    return [
      {
        name: "transfer of 1 GB",
        unit: "MB/s",
        ours: rate(ours),
        base: { what: "over a socket", value: rate(base) },
        limit: { least: 0.5 },
      },
      { name: "transfer: growth of the hub", unit: "MB", ours: most - before, base: null, limit: { most: 32 } },
    ];
  },
};

const isOnline = ({ online }: { online: boolean }): boolean => online;

function fill(path: string): void {
  const fd = openSync(path, "w");
  const piece = Buffer.alloc(1024 * 1024, "0123456789abcdef");
  for (let count = 0; count < megabytes; count += 1) writeSync(fd, piece);
  closeSync(fd);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

async function through(hub: Hub, name: string): Promise<void> {
  const input = { from_machine: "source", from_path: "large", to_machine: "target", to_path: name };
  const paddock = async (...args: string[]) => JSON.parse((await commandOf(hub)(args)).stdout);
  let answer = await paddock("call", "transfer_file", "--input", JSON.stringify(input), "--json");
  while (answer.ok && answer.data.run_id !== undefined)
    answer = await paddock("call", "get_run", "--id", answer.data.run_id, "--json");
  if (!answer.ok) throw new Error(answer.summary);
}

const receiver = `const s = require("node:net").createServer((c) => {
  c.pipe(require("node:fs").createWriteStream(process.argv[1])).on("close", () => process.exit());
}).listen(0, "127.0.0.1", () => console.log(s.address().port));`;
const sender = `require("node:fs").createReadStream(process.argv[1]).pipe(require("node:net").connect(process.argv[2], "127.0.0.1"));`;

async function betweenPrograms(from: string, to: string): Promise<void> {
  const receiving = spawn(process.execPath, ["-e", receiver, to], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => receiving.once("exit", resolve));
  const port = await firstLine(receiving);
  await promisify(execFile)(process.execPath, ["-e", sender, from, port]);
  await ended;
}
