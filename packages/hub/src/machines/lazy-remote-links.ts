/** The links of other machines, loaded with the first of them: a hub that has only its own machine needs none of it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { LinkKey } from "@paddock/link/sealed";
import type { RemoteLinks, RemoteLinksParts } from "./remote-links.ts";

export interface LazyRemoteLinks {
  onLink(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Addresses of its own, for links over server-sent events. */
  readonly page: {
    serves(path: string): boolean;
    handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  };
  /** Of the hub's key, by which runners know it; made when it is asked for first. */
  fingerprint(): Promise<string>;
  close(): void;
}

type Parts = Omit<RemoteLinksParts, "key"> & { folder: string };

export function lazyRemoteLinks({ folder, ...parts }: Parts): LazyRemoteLinks {
  let loaded: Promise<RemoteLinks> | null = null;
  let opened: RemoteLinks | null = null;
  const key = async (): Promise<LinkKey> => (await import("@paddock/link/sealed")).keyAt(join(folder, "link.key"));
  const load = async (): Promise<RemoteLinks> => {
    const [{ openRemoteLinks }, own] = await Promise.all([import("./remote-links.ts"), key()]);
    opened = openRemoteLinks({ ...parts, key: own });
    return opened;
  };
  return {
    page: {
      serves: (path) => path.startsWith("/link/events") && parts.registry.expectsRunners(),
      async handle(request, response) {
        loaded ??= load();
        await (await loaded).events(request, response);
      },
    },
    onLink(request, stream, head) {
      // To whoever nobody waits for, there is nothing here.
      if (!parts.registry.expectsRunners()) return notHere(stream);
      stream.on("error", () => {});
      loaded ??= load();
      loaded.then(
        (links) => links.upgrade(request, stream, head),
        () => stream.destroy(),
      );
    },
    async fingerprint() {
      const { fingerprintOf } = await import("@paddock/link/sealed");
      return fingerprintOf((await key()).publicKey);
    },
    close: () => opened?.close(),
  };
}

function notHere(stream: Duplex): void {
  stream.on("error", () => {});
  stream.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}
