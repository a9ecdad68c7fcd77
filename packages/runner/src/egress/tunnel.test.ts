import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type OnReadOpts, type Socket } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { readHello } from "./client-hello.ts";
import { Relay } from "./relay.ts";
import { runTunnel } from "./tunnel.ts";

/** Two ends of one connection. */
async function pair(onread?: OnReadOpts): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect({
    port: (server.address() as { port: number }).port,
    allowHalfOpen: true,
    ...(onread ? { onread } : {}),
  });
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  for (const end of [near, far]) end.on("error", () => undefined);
  return [near, far];
}

/** A tunnel to a port of a host, with what is at its two ends. */
async function tunnelTo(host: string, port = 443, head: Buffer = Buffer.alloc(0)) {
  const [program, client] = await pair();
  const relay = new Relay(client);
  const [upstream, site] = await pair(relay.onread);
  const { signal } = new AbortController();
  const ended = runTunnel({ client, head, upstream, relay }, { host, port }, signal).then(
    () => "ended",
    (fault: { code?: string }) => fault.code ?? String(fault),
  );
  return { program, ended, received: heardBy(site), site };
}

/** All that comes, also where it breaks off. Iterating over the socket could close it before all it says has left. */
function heardBy(site: Socket): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const settle = () => resolve(heard);
    site.setEncoding("utf8").on("data", (piece: string) => (heard += piece));
    site.once("end", settle).once("close", settle);
  });
}

/** The first bytes of a real TLS client. */
async function helloFor(servername: string | undefined, host?: string): Promise<Buffer> {
  const [near, far] = await pair();
  const client = connectTls({
    socket: near,
    ...(servername === undefined ? {} : { servername }),
    ...(host ? { host } : {}),
  });
  client.on("error", () => undefined);
  const [hello] = (await once(far, "data")) as [Buffer];
  near.destroy();
  far.destroy();
  return hello;
}

/** The same message in TLS records of so many bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

test("the name that a real client asks for is read, in whatever pieces it comes", async () => {
  const hello = await helloFor("files.example");
  assert.deepEqual(readHello(hello), { type: "hello", name: "files.example" });
  assert.deepEqual(readHello(inRecords(hello, 100)), { type: "hello", name: "files.example" });
  assert.deepEqual(readHello(hello.subarray(0, hello.length - 1)), { type: "more" });
  assert.deepEqual(readHello(await helloFor(undefined)), { type: "hello", name: null });
});

test("no bytes make the reader fail", async () => {
  const hello = await helloFor("files.example");
  for (let at = 0; at < hello.length; at += 1) {
    for (const value of [0, 1, 127, 255]) {
      const bent = Buffer.from(hello);
      bent[at] = value;
      assert.match(readHello(bent).type, /^(hello|more|other)$/);
    }
  }
  assert.deepEqual(readHello(inRecords(hello, 1)).type, "more");
});

test("TLS for the host that was allowed goes through whole, and so does the answer", async () => {
  const { program, ended, received, site } = await tunnelTo("files.example");
  const hello = await helloFor("FILES.example");
  for (const byte of [hello.subarray(0, 3), hello.subarray(3, 60), hello.subarray(60)]) program.write(byte);
  site.end("answer");
  assert.equal(await heardBy(program), "answer");
  program.end("rest");
  assert.equal(await received, Buffer.concat([hello, Buffer.from("rest")]).toString());
  assert.equal(await ended, "ended");
});

test("what does not begin as TLS for that host is not sent to it", async () => {
  const hello = await helloFor("files.example");
  const attempts = {
    "another name": await helloFor("other.example"),
    "the name with more before it": await helloFor("x.files.example"),
    "no name": await helloFor(undefined),
    "plain text": Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    "records of one byte": inRecords(hello, 1),
    "an old hello": Buffer.from([0x80, 0x2e, 1, 0, 2]),
    "an alert": Buffer.from([21, 3, 1, 0, 2, 1, 0]),
    "an endless record": Buffer.concat([Buffer.from([22, 3, 1, 255, 255, 1, 255, 255, 255]), Buffer.alloc(40_000)]),
  };
  for (const [what, bytes] of Object.entries(attempts)) {
    const { program, ended, received } = await tunnelTo("files.example");
    program.end(bytes);
    program.resume();
    assert.deepEqual([await ended, await received], ["denied", ""], what);
  }
});

test("an address that was allowed is reached without a name, and not with one", async () => {
  const plain = await tunnelTo("192.0.2.7");
  const hello = await helloFor(undefined);
  plain.program.end(hello);
  assert.equal(await plain.received, hello.toString());
  plain.site.end();
  await plain.ended;
  const named = await tunnelTo("192.0.2.7");
  named.program.end(await helloFor("other.example"));
  assert.deepEqual([await named.ended, await named.received], ["denied", ""]);
});

test("on a port that the owner named other protocols pass, TLS for another name does not", async () => {
  const { program, ended, received, site } = await tunnelTo("db.example", 5432);
  site.write("greetings first");
  assert.equal(String((await once(program, "data"))[0]), "greetings first");
  program.end("hello");
  site.end();
  assert.deepEqual([await received, await ended], ["hello", "ended"]);
  const other = await tunnelTo("db.example", 5432);
  other.program.end(await helloFor("other.example"));
  other.program.resume();
  assert.deepEqual([await other.ended, await other.received], ["denied", ""]);
});

test("a long answer arrives whole and in order, also to a program that reads slowly", async () => {
  const { program, site, ended } = await tunnelTo("db.example", 5432);
  const sent = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, at) => at).buffer);
  program.end("x");
  site.end(sent);
  const pieces: Buffer[] = [];
  for await (const piece of program) {
    pieces.push(piece);
    if (pieces.length % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.equal(Buffer.concat(pieces).equals(sent), true);
  assert.equal(await ended, "ended");
});

test("bytes that came with the CONNECT are looked at like all others", async () => {
  const { ended, received, program } = await tunnelTo("files.example", 443, await helloFor("other.example"));
  program.resume();
  assert.deepEqual([await ended, await received], ["denied", ""]);
});
