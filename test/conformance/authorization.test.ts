/** The official conformance suite against the hub as an authorization server. The owner answers on the real page. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startTestHub } from "../../packages/hub/src/hub.fixture.ts";
import { consent, ownersBrowser, registered } from "../../packages/hub/src/oauth/oauth.fixture.ts";

const program = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));

test("all that is required of an authorization server passes", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const { id } = await registered(hub);
  const output = await runSuite(
    ["--url", hub.address, "--client-id", id, "--resource", `${hub.address}/mcp`],
    async (address) => {
      await fetch(await consent(browser, address.pathname + address.search));
    },
  );
  const passed = [...output.matchAll(/^✓ (\S+): (\d+) passed, 0 failed/gm)].map(
    ([, name, count]) => `${name} ${count}`,
  );
  assert.deepEqual(passed, ["authorization-server-metadata-endpoint 2", "authorization-code-grant 1"], output);
});

/** Its output, once it has ended well; `visit` is what its user does with the address it prints. */
async function runSuite(options: readonly string[], visit: (address: URL) => Promise<void>): Promise<string> {
  const results = await mkdtemp(join(tmpdir(), "paddock-conformance-"));
  const suite = spawn(process.execPath, [program, "authorization", "-p", `${await freePort()}`, ...options], {
    cwd: results,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 120_000,
  });
  try {
    let output = "";
    let isWaiting = true;
    for await (const piece of suite.stdout.setEncoding("utf8")) {
      output += piece;
      const [address] = /^http\S+\/authorize\?\S+(?=\s)/m.exec(output) ?? [];
      if (address === undefined || !isWaiting || !output.includes("Callback server started")) continue;
      isWaiting = false;
      await visit(new URL(address));
    }
    return output;
  } finally {
    suite.kill();
    await rm(results, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
