/** A client that describes itself at an address of its own: an HTTPS server on this machine, under any name. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guardedFetch } from "./fetch-metadata.ts";

export interface Described extends AsyncDisposable {
  /** Of the host client.example, which is this server. */
  address(path: string): string;
  /** As the hub fetches, with this server in the place of the internet. */
  fetch(address: string | URL): Promise<Response>;
  /** Requests that have come in. */
  readonly requests: readonly string[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export async function described(answer: Answer, limits: { timeoutMs?: number } = {}): Promise<Described> {
  const folder = await mkdtemp(join(tmpdir(), "paddock-description-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=client.example", "-addext", "subjectAltName=DNS:client.example"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const ca = await readFile(cert);
  const requests: string[] = [];
  const server = createServer({ key: await readFile(key), cert: ca }, (request, response) => {
    requests.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const address = (path: string) => `https://client.example:${port}${path}`;
  return {
    address,
    fetch: guardedFetch({ lookup: async () => ["127.0.0.1"], isAllowed: () => true, tls: { ca }, ...limits }),
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}
