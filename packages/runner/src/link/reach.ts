/** A connection to a hub's address: directly or through a proxy, with TLS where the address says so. */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { PaddockError } from "@paddock/contract";
import { type HttpProxy, proxyFor } from "./proxy.ts";

/** Not imported by name: that would also load the WebSocket client of `node:http`, 30 ms and 13 MB. */
const http = process.getBuiltinModule("node:http");
const https = process.getBuiltinModule("node:https");

export interface Reach {
  /** Resolves when bytes can be sent. Throws hub_unreachable. */
  open(): Promise<Socket>;
}

const withinMs = 15_000;

export function reachOf(target: URL, environment: Readonly<Record<string, string | undefined>>): Reach {
  const proxy = proxyFor(target, environment);
  const port = Number(target.port) || (target.protocol === "wss:" ? 443 : 80);
  const host = target.hostname.replace(/^\[|\]$/g, "");
  return {
    async open() {
      const signal = AbortSignal.timeout(withinMs);
      const bare = proxy
        ? await throughProxy(proxy, target.hostname, port, signal)
        : await directly(host, port, signal);
      bare.setNoDelay(true);
      bare.setKeepAlive(true, 15_000);
      return target.protocol === "wss:" ? await secured(bare, host, signal) : bare;
    },
  };
}

const directly = (host: string, port: number, signal: AbortSignal): Promise<Socket> =>
  whenOpen(connect({ host, port }), "connect", signal, (fault) => `${host} cannot be reached: ${fault.message}`);

const secured = (socket: Socket, host: string, signal: AbortSignal): Promise<Socket> =>
  whenOpen(
    connectTls({ socket, ALPNProtocols: ["http/1.1"], ...(isIP(host) ? {} : { servername: host }), host }),
    "secureConnect",
    signal,
    (fault) => `TLS with ${host} failed: ${fault.message}`,
  );

function whenOpen<S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
  words: (fault: Error) => string,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const late = () => socket.destroy(new Error("it took too long"));
    const fail = (fault: Error) => reject(new PaddockError("hub_unreachable", `${words(fault)}.`));
    signal.addEventListener("abort", late, { once: true });
    socket.once("error", fail);
    socket.once(event, () => {
      signal.removeEventListener("abort", late);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

/** Asks the proxy for a way to the hub; what it says of itself is told, its login never. */
function throughProxy(
  { url, authorization }: HttpProxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const path = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new PaddockError("hub_unreachable", `The proxy ${url.host} opens no way to the hub: ${why}.`));
    const request = (url.protocol === "https:" ? https : http).request({
      method: "CONNECT",
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
      path,
      agent: false,
      signal,
      headers: { host: path, ...(authorization ? { "proxy-authorization": authorization } : {}) },
    });
    request.on("connect", (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        fail(response.statusCode === 407 ? "it wants another login" : `it answers ${response.statusCode}`);
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    request.on("response", (response) => {
      response.destroy();
      fail(`it answers ${response.statusCode}`);
    });
    request.on("error", (fault) => fail(signal.aborted ? "it took too long" : fault.message));
    request.end();
  });
}
