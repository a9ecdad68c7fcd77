import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";
import { boundConnections } from "./connections.ts";

test("whoever says nothing makes room for whoever does, however many there are", async () => {
  const server = createServer((_request, response) => response.end("here"));
  boundConnections(server, { halfOpen: 20, inAll: 1_000 });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const silent: Socket[] = [];
  let ended = 0;
  for (let count = 0; count < 200; count += 1) {
    const socket = connect(port, "127.0.0.1");
    socket
      .on("error", () => {})
      .on("close", () => {
        ended += 1;
      });
    await once(socket, "connect");
    socket.write("GET / HT");
    silent.push(socket);
  }
  const [response] = await once(get({ port, host: "127.0.0.1", agent: false }), "response");
  assert.equal(response.statusCode, 200);
  while (ended < 180) await new Promise((resolve) => setTimeout(resolve, 5));
  server.closeAllConnections();
  server.close();
  for (const socket of silent) socket.destroy();
});

test("whoever had an answer and only waits makes room when connections get scarce", async () => {
  const server = createServer((_request, response) => response.end("here"));
  boundConnections(server, { halfOpen: 20, inAll: 40 });
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const waiting: Socket[] = [];
  for (let count = 0; count < 100; count += 1) {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    waiting.push(socket);
    socket.write("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1.1 200/);
  }
  server.closeAllConnections();
  server.close();
  for (const socket of waiting) socket.destroy();
});
