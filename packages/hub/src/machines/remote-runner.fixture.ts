/** The far side of a link over the network for tests: a machine that joins a hub and then says what a test wants. */
import { once } from "node:events";
import type { RunnerFrame } from "@paddock/contract/link";
import { protocolVersion } from "@paddock/contract/link";
import type { Wire } from "@paddock/link";
import { readJoinCode } from "@paddock/link/join-code";
import { approachHub, fingerprintOf, type LinkKey, newKey, socketCarrier } from "@paddock/link/sealed";
import { WebSocket } from "ws";
import type { TestHub } from "../hub.fixture.ts";
import { about } from "./runner.fixture.ts";

export interface RemoteRunner {
  readonly name: string;
  readonly key: LinkKey;
  readonly wire: Wire;
  /** Texts that came. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any frame
  readonly heard: any[];
  readonly closed: Promise<unknown>;
  say(frame: RunnerFrame): void;
  finish(to: { run: string; channel: number }, data: unknown): void;
}

export const linkOf = ({ address }: TestHub): string => `${address.replace("http", "ws")}/link`;

/** Makes a machine known to the hub, and links it. */
export async function joinAs(hub: TestHub, name: string): Promise<RemoteRunner> {
  const { code } = (await hub.control("POST", "/machines/codes", { name })).json;
  const { secret, hub: fingerprint } = readJoinCode(code);
  const key = newKey();
  const enrolled = Promise.withResolvers<void>();
  await approach(
    hub,
    key,
    "enrol",
    (hubKey) => fingerprintOf(hubKey) === fingerprint,
    (wire, signature) => {
      wire.listen({ text: () => enrolled.resolve(), bytes() {}, closed() {} });
      wire.text(JSON.stringify({ type: "enrol", signature, secret, hostname: name }));
    },
  );
  await enrolled.promise;
  return link(hub, name, key);
}

export async function link(hub: TestHub, name: string, key: LinkKey): Promise<RemoteRunner> {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const heard: any[] = [];
  const { socket, wire } = await approach(
    hub,
    key,
    "link",
    () => true,
    (opened, signature) => {
      opened.listen({ text: (text) => void heard.push(JSON.parse(text)), bytes() {}, closed() {} });
      opened.text(JSON.stringify({ type: "prove", signature, yields: false }));
      opened.text(JSON.stringify({ type: "hello", version: protocolVersion, boot: name, machine: name, about }));
    },
  );
  const closed = once(socket, "close");
  const say = (frame: RunnerFrame): void => wire.text(JSON.stringify(frame));
  return {
    name,
    key,
    wire,
    heard,
    closed,
    say,
    finish({ run, channel }, data) {
      const envelope = Buffer.from(JSON.stringify({ ok: true, tool: "any", summary: "done", data }));
      const header = Buffer.alloc(4);
      header.writeUInt32BE(channel);
      say({ type: "result", run: run as never, channel, state: "completed", ok: true, sizes: [envelope.length, 0] });
      wire.bytes([header, envelope]);
    },
  };
}

async function approach(
  hub: TestHub,
  key: LinkKey,
  purpose: "link" | "enrol",
  trusts: (hubKey: string) => boolean,
  speak: (wire: Wire, signature: string) => void,
): Promise<{ socket: WebSocket; wire: Wire }> {
  const socket = new WebSocket(linkOf(hub), { perMessageDeflate: false });
  await once(socket, "open");
  return new Promise((resolve, reject) => {
    approachHub(socketCarrier(socket), {
      key,
      purpose,
      trusts,
      ready(wire, signature) {
        speak(wire, signature);
        resolve({ socket, wire });
      },
      failed: reject,
    });
  });
}
