import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { listenOnSocket } from "./unix-socket.ts";

test("a socket that is served is left alone, one that nobody serves is taken over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "paddock-socket-"));
  const path = join(folder, "a.sock");
  // A thread that ends without closing leaves its socket behind, as a killed process does.
  const worker = new Worker(
    `require("node:net").createServer().listen(${JSON.stringify(path)}, () => { require("node:worker_threads").parentPort.postMessage("up"); })`,
    { eval: true },
  );
  await once(worker, "message");
  const server = createServer();
  await assert.rejects(listenOnSocket(server, path), { code: "already_running" });
  await worker.terminate();
  await listenOnSocket(server, path);
  server.close();
  await rm(folder, { recursive: true });
});

test("a path that no socket can have is refused with the reason", async () => {
  await assert.rejects(listenOnSocket(createServer(), `/tmp/${"x".repeat(120)}`), { code: "invalid_config" });
});
