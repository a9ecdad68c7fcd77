/** Requests whose every header is the attacker's choice, and a server that asks nobody who they are. */
import { once } from "node:events";
import { createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Envelope } from "../world/callers.ts";
import type { HttpAnswer, HttpRequest } from "./mechanism.ts";

/** Sends a request to an address as it stands, and says with every byte what came back. */
export function send(address: string, { path, method = "GET", headers = {}, body }: HttpRequest): Promise<HttpAnswer> {
  const { hostname, port } = new URL(address);
  const given = Object.entries({ "content-type": "application/json", ...headers }).filter(([, value]) => value !== "");
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: Object.fromEntries(given) }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString("latin1");
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: "" });
    });
    sent.on("error", reject);
    sent.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

/** The part of it that lets clients in; false for what is none of that. */
function signsIn(path: string, address: string, response: ServerResponse): boolean {
  if (path === "/token" || path === "/register") response.end('{"client_id":"any","access_token":"any"}');
  else if (path.startsWith("/authorize")) void letIn(new URL(address, "http://hub"), response);
  else return false;
  return true;
}

/** Gives everybody a code, wherever it is to go, and believes what a client's address says of it. */
async function letIn({ searchParams }: URL, response: ServerResponse): Promise<void> {
  const id = searchParams.get("client_id") ?? "";
  if (id.startsWith("https:")) await fetch(id).catch(() => null);
  response.writeHead(302, { location: `${searchParams.get("redirect_uri")}?code=any#access_token=any` }).end();
}

/** Does what it is asked, whoever asks and by whatever name; everybody sees the answers to everybody. */
export async function openNaiveHub(
  open: AsyncDisposableStack,
  call: (tool: string, input: object) => Promise<Envelope>,
): Promise<string> {
  let last = "{}";
  const server = createServer(async (asked, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    const path = decodeURIComponent(asked.url ?? "").toLowerCase();
    if (signsIn(path, asked.url ?? "", response)) return;
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    const tool = /\/tools\/(\w+)/.exec(path)?.[1] ?? body.params?.name;
    if (tool !== undefined) last = JSON.stringify(await call(tool, body.params?.arguments ?? body));
    response.writeHead(200, { "access-control-allow-origin": "*" }).end(last);
  });
  server.on("upgrade", (_, socket) =>
    socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.defer(() => server.closeAllConnections());
  open.defer(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
