import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { openUnread } from "./unread.ts";

const megabytes = 1024 * 1024;

test("of clients that read nothing, those that have waited longest are ended; who reads gets all", async () => {
  const unread = openUnread(50 * megabytes);
  const server = createServer((_, response) => {
    response.end(Buffer.alloc(20 * megabytes));
    unread.watch(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ask = async () => {
    const socket = connect(port, "127.0.0.1").pause();
    let bytes = 0;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.pause();
    const received = new Promise<number>((resolve) => socket.on("close", () => resolve(bytes)));
    socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    await once(server, "request");
    return { socket, received };
  };
  const clients: Awaited<ReturnType<typeof ask>>[] = [];
  for (let count = 0; count < 4; count += 1) clients.push(await ask());
  for (const { socket } of clients) socket.resume();
  const received = await Promise.all(clients.map((client) => client.received));
  server.close();
  assert.deepEqual(
    received.map((bytes) => bytes > 20 * megabytes),
    [false, false, true, true],
  );
});
