/** Bytes from a host into a cage, through the runner, beside the same copy over loopback without one. */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { rest } from "../../test/world/callers.ts";
import { freePort } from "../../test/world/until.ts";
import { startWorld } from "../../test/world/world.ts";
import { inTurns, type LoneFigure } from "../figure.ts";

const megabytes = 512;
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
    const { base, ours } = await inTurns(
      {
        base: () => promisify(execFile)("curl", ["-sS", "--noproxy", "*", "-o", "/dev/null", url]),
        ours: async () => {
          const command = `curl -sS --noproxy '' --proxytunnel --proxy "$http_proxy" -o /dev/null ${url}`;
          const { data } = await call("run_command", { command });
          if (data.exit_code !== 0) throw new Error(`curl in the cage ended with ${data.exit_code}: ${data.stderr}`);
        },
      },
      { rounds: 8, each: 1 },
    );
    return [
      {
        name: `${megabytes} MB into a cage`,
        unit: "ms",
        ours,
        base: { what: "curl over loopback", value: base },
        limit: { most: 2 },
        note: "one tunnel through the runner, the command's start included",
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
