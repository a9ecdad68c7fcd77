/** A way out that goes wherever it is told, and believes the header rather than the address. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { addressesOf } from "./names.ts";

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
  const upstream = connect({ host: plainly(host).replace(/\.$/, ""), port: Number(port) });
  upstream.on("error", () => client.destroy());
  upstream.on("connect", () => upstream.write(`${request}\r\n\r\n`));
  upstream.pipe(client);
}

/** One that looks a name up to check it, and again to connect; what an address is inside of another it does not ask. */
export async function openNamedProxy(open: AsyncDisposableStack): Promise<number> {
  const asked = new Map<string, number>();
  const lookUp = (name: string): readonly string[] => {
    const times = asked.get(name) ?? 0;
    asked.set(name, times + 1);
    return addressesOf(name, times);
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on("error", () => undefined);
    client.once("data", (bytes) => {
      const [, host = "", port = ""] = /^CONNECT \[?(.*?)\]?:(\d+) /.exec(bytes.toString("latin1")) ?? [];
      // The check: anything that is public, or listed, at the moment.
      const isName = addressesOf(host, 0).length > 0;
      const first = isName ? lookUp(host)[0] : host;
      if (first === undefined) return client.destroy();
      tunnel(client, plainly((isName ? lookUp(host).at(-1) : host) ?? first), Number(port));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.defer(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function tunnel(client: Socket, host: string, port: number): void {
  const upstream = connect({ host, port, allowHalfOpen: true });
  upstream.on("error", () => client.destroy());
  upstream.on("connect", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    client.pipe(upstream).pipe(client);
  });
}

/** As the translators and relays of a network take an address that stands inside of another. */
const plainly = (host: string): string =>
  host.replace(/^(?:::ffff:|64:ff9b::|2002:)7f00:1(?:::)?$/, "127.0.0.1").replace(/^::(?:ffff:)?(?=127)/, "");
