/** Bytes from a host into a cage, through the runner, beside the same copy over loopback without one. */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { rest } from "../../test/world/callers.ts";
import { freePort } from "../../test/world/until.ts";
import { startWorld } from "../../test/world/world.ts";
import type { LoneFigure } from "../figure.ts";
import { median } from "../statistics.ts";

const megabytes = 512;
const rounds = 8;
const chunk = Buffer.alloc(1024 * 1024);

export const egress: LoneFigure = {
  name: "egress",
  async measure() {
    const port = await freePort();
    await using open = new AsyncDisposableStack();
    open.adopt(await source(port), (server) => void server.close());
    await using world = await startWorld({ settings: { PADDOCK_NETWORK_ALLOW: `127.0.0.1:${port}` } });
    const { call } = await rest(world);
    const url = `http://127.0.0.1:${port}/`;
    // As curl itself tells it: from its first step to the last byte, without the start of any process.
    const took = `-sS -o /dev/null -w '%{time_total}' ${url}`;
    const direct = async () => {
      const { stdout } = await promisify(execFile)("sh", ["-c", `curl --noproxy '*' ${took}`]);
      return Number(stdout) * 1000;
    };
    const throughRunner = async () => {
      const command = `curl --noproxy '' --proxytunnel --proxy "$http_proxy" ${took}`;
      const { data } = await call("run_command", { command });
      if (data.exit_code !== 0) throw new Error(`curl in the cage ended with ${data.exit_code}: ${data.stderr}`);
      return Number(data.stdout) * 1000;
    };
    const times = { direct: [] as number[], throughRunner: [] as number[] };
    for (let round = 0; round <= rounds; round += 1) {
      const [base, ours] = [await direct(), await throughRunner()];
      if (round > 0) times.direct.push(base);
      if (round > 0) times.throughRunner.push(ours);
    }
    const [base, ours] = [median(times.direct), median(times.throughRunner)];
    return [
      {
        name: `${megabytes} MB into a cage`,
        unit: "ms",
        ours,
        base: { what: "curl over loopback", value: base },
        limit: { most: 2 },
        note: "one tunnel through the runner, from the first step to the last byte",
      },
    ];
  },
};

async function source(port: number) {
  const server = createServer(async (_, response) => {
    response.writeHead(200, { "content-length": megabytes * chunk.length });
    for (let sent = 0; sent < megabytes && !response.destroyed; sent += 1) {
      if (!response.write(chunk)) await new Promise((resolve) => response.once("drain", resolve));
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}
