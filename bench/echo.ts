/** The base of all ratios, a process of its own: a bare node:http server that parses JSON and answers it, or 1 MB of text. */
import { createServer } from "node:http";

const megabyte = Buffer.alloc(1_000_000, "a line of text, as long as many\n");

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const body = request.url === "/megabyte" ? megabyte : echoed(Buffer.concat(pieces));
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
});

const echoed = (body: Buffer): Buffer => Buffer.from(JSON.stringify(JSON.parse(body.toString("utf8"))));

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address) process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
// It ends with whoever started it.
process.stdin.resume().on("end", () => process.exit());
