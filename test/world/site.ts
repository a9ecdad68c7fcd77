/** Something outside of every cage that answers over HTTP, on one address that a test can allow before it is there. */
import { createServer } from "node:http";
import { freePort } from "./until.ts";

const port = await freePort();
export const siteAddress = `127.0.0.1:${port}`;

export async function openSite() {
  const server = createServer((_, response) => response.end("reached\n"));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: siteAddress, [Symbol.dispose]: close };
}

/** A command for it. Loopback is not sent through the proxy unless one says so. */
export const throughProxy = (address: string) => `curl -sS --noproxy '' --proxy "$http_proxy" http://${address}/`;
