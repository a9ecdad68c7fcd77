/** A way out that goes wherever it is told, and believes the header rather than the address. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** The port it listens on. */
export async function openNaiveProxy(open: AsyncDisposableStack): Promise<number> {
  const server = createServer((client) => {
    client.on("error", () => undefined);
    client.once("data", (bytes) => {
      for (const request of bytes.toString("latin1").split(/\r\n\r\n/)) if (request !== "") forward(client, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.defer(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function forward(client: Socket, request: string): void {
  const [, method = "", address = ""] = /^(\S+) (\S+)/.exec(request) ?? [];
  const header = /^host: *(\S+)/im.exec(request)?.[1];
  const target = method === "CONNECT" ? address : (header ?? address.replace(/^http:\/\/(?:[^/@]*@)?([^/]+).*$/, "$1"));
  const [, host = "", port = "80"] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(target) ?? [];
  const plainly = host
    .replace(/^::ffff:7f00:1$/, "127.0.0.1")
    .replace(/^::ffff:/, "")
    .replace(/\.$/, "");
  const upstream = connect({ host: plainly, port: Number(port) });
  upstream.on("error", () => client.destroy());
  upstream.on("connect", () => upstream.write(`${request}\r\n\r\n`));
  upstream.pipe(client);
}
