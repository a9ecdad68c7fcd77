/** What stands between a machine and its hub in the networks of others. */
import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface Between extends AsyncDisposable {
  readonly address: string;
  /** What it was asked for, as `METHOD target`. */
  readonly asked: string[];
}

const authorizationOf = (login: string): string => `Basic ${Buffer.from(login).toString("base64")}`;

/** A proxy that opens ways to whoever knows the login, and is asked for nothing else. */
export async function connectProxy(login: string): Promise<Between> {
  const server = createServer((_request, response) => void response.writeHead(403).end());
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    sockets.add(client);
    client.on("error", () => {});
    asked.push(`CONNECT ${request.url}`);
    if (request.headers["proxy-authorization"] !== authorizationOf(login)) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const far = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(far).pipe(client);
    });
    far.on("error", () => client.destroy());
    client.on("close", () => far.destroy());
  });
  return between(server, asked, sockets);
}

/** A gateway in front of a hub that knows requests and answers, and refuses whatever else a connection could become. */
export async function plainGateway(hub: string): Promise<Between> {
  const { hostname, port } = new URL(hub);
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { method, url: path, headers } = request;
    asked.push(`${method} ${path?.split("/").slice(0, 3).join("/")}`);
    const { upgrade: wish, connection: _hop, ...passed } = headers;
    if (wish) return void response.writeHead(400).end();
    const onward = httpRequest({ host: hostname, port, method, path, headers: passed }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      response.flushHeaders();
      reply.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  };
  return between(createServer({ shouldUpgradeCallback: () => false }, answer), asked, new Set());
}

async function between(server: Server, asked: string[], sockets: Set<Socket>): Promise<Between> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
