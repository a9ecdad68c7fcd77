/** The client with which both sides are measured: node:http with connections that are kept. */
import { Agent, type IncomingHttpHeaders, request } from "node:http";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Client {
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): void;
}

const jsonType = { "content-type": "application/json" };

/** Every request carries `common`. */
export function connect(address: string, common: Readonly<Record<string, string>> = {}): Client {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true });
  return {
    post: (path, body, headers) =>
      new Promise((resolve, reject) => {
        const length = { "content-length": String(Buffer.byteLength(body)) };
        const sent = request(
          { agent, hostname, port, path, method: "POST", headers: { ...jsonType, ...length, ...common, ...headers } },
          (response) => {
            const pieces: Buffer[] = [];
            response.on("data", (piece: Buffer) => pieces.push(piece));
            response.on("error", reject);
            response.on("end", () => {
              const { statusCode = 0, headers: received } = response;
              resolve({ status: statusCode, headers: received, body: Buffer.concat(pieces) });
            });
          },
        );
        sent.on("error", reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
