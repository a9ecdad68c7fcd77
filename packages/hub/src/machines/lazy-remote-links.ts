/** The links of other machines, loaded with the first of them: a hub that has only its own machine needs none of it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { AuditSink } from "@paddock/audit";
import type { HubKey } from "./hub-key.ts";
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
  /** Makes another key, which machines follow: those that are linked at once. Join codes that were not used count no more. */
  rotateKey(): Promise<RotatedKey>;
  close(): void;
}

export interface RotatedKey {
  fingerprint: string;
  /** How many join codes count no more. */
  codes: number;
}

type Parts = Omit<RemoteLinksParts, "key"> & { folder: string; audit: AuditSink };

const anotherKey = { code: "unavailable", message: "The hub has another key; the link begins anew." } as const;

export function lazyRemoteLinks({ folder, audit, ...parts }: Parts): LazyRemoteLinks {
  let loaded: Promise<RemoteLinks> | null = null;
  let opened: RemoteLinks | null = null;
  let known: HubKey | null = null;
  const key = async (): Promise<HubKey> => {
    const { hubKeyAt } = await import("./hub-key.ts");
    known ??= hubKeyAt(folder);
    return known;
  };
  const load = async (): Promise<RemoteLinks> => {
    const [{ openRemoteLinks }, own] = await Promise.all([import("./remote-links.ts"), key()]);
    opened = openRemoteLinks({ ...parts, key: () => known ?? own });
    return opened;
  };
  const fingerprint = async (): Promise<string> => {
    const { fingerprintOf } = await import("@paddock/link/sealed");
    return fingerprintOf((await key()).key.publicKey);
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
    fingerprint,
    async rotateKey() {
      const { keepHubKey, nextHubKey } = await import("./hub-key.ts");
      const before = await key();
      const next = nextHubKey(before);
      audit.mustBeWritable();
      const detail = { before: before.key.publicKey, key: next.key.publicKey };
      audit.write({ event: "hub.key_changed", detail });
      const codes = parts.registry.voidCodes();
      keepHubKey(folder, next);
      known = next;
      for (const { id, own } of parts.registry.list()) if (!own) parts.fleet.get(id)?.drop(anotherKey);
      return { fingerprint: await fingerprint(), codes };
    },
    close: () => opened?.close(),
  };
}

function notHere(stream: Duplex): void {
  stream.on("error", () => {});
  stream.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}
