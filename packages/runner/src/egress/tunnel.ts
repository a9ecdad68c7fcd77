/**
 * A CONNECT tunnel between a program in a cage and a host. What the program says first has to be the beginning of TLS with
 * the very host in it that was allowed, or a name that was not could be reached behind an address that was.
 */
import { isIP, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { PaddockError } from "@paddock/contract";
import { type Hello, maxHelloBytes, readHello } from "./client-hello.ts";
import { usualPort } from "./host-rules.ts";
import type { Relay } from "./relay.ts";
import { hostOf, type Target } from "./target.ts";

export interface TunnelEnds {
  client: Socket;
  /** What came from the client together with its CONNECT. */
  head: Buffer;
  upstream: Socket;
  /** Takes what the upstream connection reads. */
  relay: Relay;
}

const helloMs = 10_000;
/** In so many pieces at most: nobody sends it byte by byte. */
const mostPieces = 64;

/** Settles when both directions are over. Rejects when one fails, with what was wrong; both ends are closed then. */
export async function runTunnel({ client, head, upstream, relay }: TunnelEnds, target: Target, signal: AbortSignal) {
  client.allowHalfOpen = true;
  const toClient = relay.carry(upstream, signal);
  const toHost = async () => {
    try {
      upstream.write(await greeting(client, head, target));
    } catch (error) {
      upstream.destroy();
      client.destroy();
      throw error;
    }
    await pipeline(client, upstream, { signal });
  };
  const [first, second] = await Promise.allSettled([toHost(), toClient]);
  if (first.status === "rejected") throw first.reason;
  if (second.status === "rejected") throw second.reason;
}

/** The client's first bytes, once they are known to be meant for the target. Throws denied when they are not. */
async function greeting(client: Socket, head: Buffer, target: Target): Promise<Buffer> {
  const isTls = target.port === usualPort.tunnel;
  const timer = isTls ? setTimeout(() => client.destroy(), helloMs) : null;
  try {
    const { bytes, hello } = await firstBytes(client, head);
    if (hello.type === "hello") checkName(hello.name, target);
    else if (isTls && bytes.length > 0) throw mismatch("something that is not TLS");
    return bytes;
  } finally {
    if (timer) clearTimeout(timer);
  }
}

/** As many as it takes to know what they are; none when the client says nothing. */
async function firstBytes(client: Socket, head: Buffer): Promise<{ bytes: Buffer; hello: Hello }> {
  let bytes = head;
  for (let pieces = 0; pieces <= mostPieces && bytes.length <= maxHelloBytes; pieces += 1) {
    const hello = readHello(bytes);
    if (hello.type !== "more") return { bytes, hello };
    const piece = await nextPiece(client);
    if (piece === null && bytes.length === 0) return { bytes, hello };
    if (piece === null) break;
    bytes = Buffer.concat([bytes, piece]);
  }
  throw mismatch("TLS that begins in no usual way");
}

/** A client that asks for nothing by its name may only go where an address was allowed. */
function checkName(name: string | null, { host }: Target): void {
  const said = name === null ? null : hostOf(name);
  if (said === host || (name === null && isIP(host) !== 0)) return;
  throw mismatch(name === null ? "TLS without the host's name" : `TLS for ${JSON.stringify(name.slice(0, 253))}`);
}

const mismatch = (what: string): PaddockError =>
  new PaddockError("denied", `The program sent ${what} to a host that was allowed.`);

/** Null when the client has nothing more to say. */
function nextPiece(client: Socket): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      client.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onError);
      client.pause();
      act();
    };
    const onData = (piece: Buffer) => settle(() => resolve(piece));
    const onEnd = () => settle(() => resolve(null));
    const onError = (fault: Error) => settle(() => reject(fault));
    client.on("data", onData).once("end", onEnd).once("close", onEnd).once("error", onError);
  });
}
