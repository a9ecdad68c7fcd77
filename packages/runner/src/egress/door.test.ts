import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { makeEgress, makeHost, testCaller } from "./egress.fixture.ts";

const inside = { "files.test": ["127.0.0.1"] };
const statusOf = (answer: string) => answer.split("\r\n")[0] ?? "";

/** Echoes one request back as the body of its answer. */
const echoHost = () =>
  makeHost((connection) => {
    connection.once("data", (chunk) => {
      const body = chunk.toString("latin1");
      connection.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
  });

test("a listed host is reached through CONNECT, however it is written", async () => {
  using host = await makeHost((connection) => connection.pipe(connection));
  await using at = await makeEgress({ internal: [`files.test:${host.port}`], names: inside });
  for (const name of ["files.test", "FILES.Test", "files.test."]) {
    const socket = await at.dial();
    socket.write(`CONNECT ${name}:${host.port} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [answer] = await once(socket, "data");
    assert.equal(String(answer), "HTTP/1.1 200 Connection established\r\n\r\n");
    socket.end("hello");
    assert.equal(String((await once(socket, "data"))[0]), "hello");
    await once(socket, "close");
  }
  assert.deepEqual([at.lookedUp, at.faults], [["files.test", "files.test", "files.test"], []]);
});

test("plain HTTP passes with its own Host and without what is meant for the proxy", async () => {
  using host = await echoHost();
  await using at = await makeEgress({ internal: [`files.test:${host.port}`], names: inside });
  const answer = await at.say(
    [
      `POST http://files.test:${host.port}/a?b=c HTTP/1.1`,
      `Host: FILES.test:${host.port}`,
      "Proxy-Authorization: Basic c2VjcmV0",
      "Connection: keep-alive, x-hop, content-length",
      "X-Hop: 1",
      "X-End: 2",
      "Content-Length: 3",
      "",
      "abc",
    ].join("\r\n"),
  );
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  assert.deepEqual(body.split("\r\n"), [
    "POST /a?b=c HTTP/1.1",
    `host: files.test:${host.port}`,
    "X-End: 2",
    "Content-Length: 3",
    "connection: close",
    "",
    "abc",
  ]);
});

test("a redirect into the inside is told to the client, and the next request is refused", async () => {
  let visits = 0;
  using secret = await makeHost((connection) => {
    visits += 1;
    connection.end();
  });
  const location = `http://127.0.0.1:${secret.port}/secret`;
  using host = await makeHost((connection) => {
    connection.once("data", () => connection.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`));
  });
  await using at = await makeEgress({ internal: [`files.test:${host.port}`], names: inside });
  const answer = await at.say(`GET http://files.test:${host.port}/ HTTP/1.1\r\nHost: files.test:${host.port}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 302/);
  const next = await at.say(`GET ${location} HTTP/1.1\r\nHost: 127.0.0.1:${secret.port}\r\n\r\n`);
  assert.deepEqual([statusOf(next), visits], ["HTTP/1.1 403 Forbidden", 0]);
});

test("no spelling of an inside address gets out, whatever the mode", async () => {
  let visits = 0;
  using host = await makeHost((connection) => {
    visits += 1;
    connection.end();
  });
  const spellings = [
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "localhost",
    "LOCALHOST.",
    "0.0.0.0",
  ];
  spellings.push(
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "a.localhost",
  );
  spellings.push("169.254.169.254", "[fe80::1]", "10.0.0.1");
  for (const mode of ["allowlist", "open"] as const) {
    await using at = await makeEgress({ mode });
    for (const name of spellings) {
      const answer = await at.say(`CONNECT ${name}:${host.port} HTTP/1.1\r\n\r\n`);
      assert.equal(statusOf(answer), "HTTP/1.1 403 denied", name);
    }
    assert.deepEqual([at.questions.list(), at.lookedUp], [[], []]);
  }
  assert.equal(visits, 0);
});

test("a public name that leads inside is refused, also when it leads outside as well", async () => {
  const names = {
    "inside.test": ["10.0.0.1"],
    "both.test": ["1.1.1.1", "127.0.0.1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "none.test": [],
  };
  await using at = await makeEgress({ mode: "open", allow: Object.keys(names), names });
  const answers: string[] = [];
  for (const name of Object.keys(names)) answers.push(statusOf(await at.say(`CONNECT ${name}:443 HTTP/1.1\r\n\r\n`)));
  assert.deepEqual(answers, [
    ...["HTTP/1.1 403 denied", "HTTP/1.1 403 denied", "HTTP/1.1 403 denied"],
    "HTTP/1.1 503 unavailable",
  ]);
});

test("a name that leads elsewhere a moment later is looked up once for each connection, and checked each time", async () => {
  using host = await echoHost();
  using secret = await echoHost();
  const lookUp = (_: string, times: number) => (times === 0 ? ["127.0.0.1"] : ["169.254.169.254", "127.0.0.1"]);
  await using at = await makeEgress({ internal: [`files.test:${host.port}`, `files.test:${secret.port}`], lookUp });
  const get = (port: number) => at.say(`GET http://files.test:${port}/ HTTP/1.1\r\nHost: files.test:${port}\r\n\r\n`);
  assert.deepEqual(
    [statusOf(await get(host.port)), statusOf(await get(secret.port)), at.lookedUp.length],
    ["HTTP/1.1 200 OK", "HTTP/1.1 403 Forbidden", 2],
  );
});

test("requests that two readers could read differently are refused before anything is looked up", async () => {
  await using at = await makeEgress({ mode: "open", names: { "a.test": ["1.1.1.1"] } });
  const requests = {
    "origin form": "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "another scheme": "GET https://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "credentials in the address": "GET http://a.test@b.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n",
    "another Host": "GET http://a.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n",
    "another port in Host": "GET http://a.test/ HTTP/1.1\r\nHost: a.test:81\r\n\r\n",
    "two Hosts": "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n",
    "length and chunks":
      "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths":
      "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "a folded header": "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nX: a\r\n b\r\n\r\n",
    "a bare line feed": "GET http://a.test/ HTTP/1.1\nHost: a.test\n\n",
    "a broken chunk": "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "no port": "CONNECT a.test HTTP/1.1\r\n\r\n",
    "an address in CONNECT": "CONNECT http://a.test:443/ HTTP/1.1\r\n\r\n",
    "no HTTP": "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n",
    "large headers": `GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nX: ${"x".repeat(40_000)}\r\n\r\n`,
  };
  for (const [what, bytes] of Object.entries(requests)) {
    assert.match(statusOf(await at.say(bytes)), /^HTTP\/1\.1 400 |^$/, what);
    assert.deepEqual(at.lookedUp, [], what);
  }
  assert.deepEqual([at.lookedUp, at.questions.list(), at.faults], [[], [], []]);
});

test("one connection carries one request: a second that was sent along is dropped", async () => {
  using host = await echoHost();
  await using at = await makeEgress({ internal: [`files.test:${host.port}`], names: inside });
  const request = `GET http://files.test:${host.port}/ HTTP/1.1\r\nHost: files.test:${host.port}\r\n\r\n`;
  const answer = await at.say(`${request}${request}${request}`);
  assert.ok(answer.split("HTTP/1.1 200").length <= 2, answer);
  assert.equal(at.lookedUp.length, 1);
});

test("more connections than a cage may have are closed, and those of others are not touched", async () => {
  using host = await echoHost();
  await using at = await makeEgress({
    ...{ internal: [`files.test:${host.port}`], names: inside },
    limits: { connections: 20 },
  });
  const sockets = await Promise.all(Array.from({ length: 300 }, () => at.dial()));
  const ended = sockets.map((socket) =>
    once(socket.resume(), "end").then(
      () => socket.end(),
      () => undefined,
    ),
  );
  // Which of them came first is up to the kernel.
  let left = sockets.length;
  for (const one of ended) void one.then(() => (left -= 1));
  while (left > 20) await once(AbortSignal.timeout(20), "abort");
  const other = { ...testCaller, domain: "tok_2\n/work\nworkspace" };
  const answer = at.say(`GET http://files.test:${host.port}/ HTTP/1.1\r\nHost: files.test:${host.port}\r\n\r\n`, other);
  assert.match(await answer, /files\.test/);
  for (const socket of sockets) socket.destroy();
});

test("a tunnel ends when its host is removed from the list, others go on", async () => {
  using host = await makeHost((connection) => connection.pipe(connection));
  const names = { ...inside, "other.test": ["127.0.0.1"] };
  await using at = await makeEgress({ internal: [`files.test:${host.port}`, `other.test:${host.port}`], names });
  const open = async (name: string) => {
    const socket = await at.dial();
    socket.write(`CONNECT ${name}:${host.port} HTTP/1.1\r\n\r\n`);
    await once(socket, "data");
    return socket;
  };
  const [gone, kept] = [await open("files.test"), await open("other.test")];
  const ended = once(gone.resume(), "end");
  at.list.remove(`files.test:${host.port}`);
  await ended;
  gone.destroy();
  kept.write("still here");
  assert.equal(String((await once(kept, "data"))[0]), "still here");
  kept.destroy();
});

test("a connection without traffic is closed", async () => {
  using host = await makeHost((connection) => connection.resume());
  await using at = await makeEgress({ internal: [`files.test:${host.port}`], names: inside, limits: { idleMs: 200 } });
  const socket = await at.dial();
  socket.write(`CONNECT files.test:${host.port} HTTP/1.1\r\n\r\n`);
  await once(socket.resume(), "end");
  socket.destroy();
});

test("what was reached and what was not is in the audit log, with bytes and time", async () => {
  using host = await makeHost((connection) => connection.end("12345"));
  await using at = await makeEgress({ internal: [`files.test:${host.port}`], names: inside });
  const name = `files.test:${host.port}`;
  for (let count = 0; count < 3; count += 1) {
    const socket = await at.dial();
    socket.write(`CONNECT ${name} HTTP/1.1\r\n\r\n`);
    await once(socket.resume(), "end");
    socket.end();
    await once(socket, "close");
  }
  for (let count = 0; count < 3; count += 1) await at.say("CONNECT 10.0.0.1:443 HTTP/1.1\r\n\r\n");
  await at.endCages();
  const workspace = "/work";
  const used = { host: name, way: "tunnel", basis: "listed", workspace };
  const refused = { host: "10.0.0.1:443", code: "denied", workspace };
  const why = "10.0.0.1:443 is not a public address, and the owner's list does not name it.";
  assert.deepEqual(
    at.records().map(({ event, detail: { milliseconds, ...detail } = {} }) => [event, typeof milliseconds, detail]),
    [
      ["network.allowed", "undefined", used],
      ["network.refused", "undefined", { ...refused, why }],
      ["network.used", "number", { ...used, connections: 3, sent: 0, received: 15 }],
      ["network.used", "undefined", { ...refused, why, refused: 3 }],
    ],
  );
});
