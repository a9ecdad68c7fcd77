/** A TCP line that can be slow, silent, torn to pieces or broken off. It passes every byte on, in order, or breaks. */
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

export type Weather = "fine" | "slow" | "silent" | "torn";

export interface BadLine extends AsyncDisposable {
  weather: Weather;
  /** Breaks every connection, with a reset. */
  reset(): void;
}

interface Place {
  host: string;
  port: number;
}

const slowMs = () => 20 + Math.random() * 200;
const silentMs = 50;
const tornBytes = () => 1 + Math.floor(Math.random() * 7);
/** Bytes of a piece after which no more of it is torn: a megabyte in threes would take all day. */
const tornAtMost = 200;

export async function openBadLine(from: Place, to: Place): Promise<BadLine> {
  const sockets = new Set<Socket>();
  const line = { weather: "fine" as Weather };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, noDelay: true, allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    void pass(near, far, line);
    void pass(far, near, line);
  });
  await new Promise<void>((resolve) => server.listen(from.port, from.host, resolve));
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return Object.assign(line, {
    reset,
    async [Symbol.asyncDispose]() {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function pass(from: Socket, to: Socket, line: { weather: Weather }): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      while (line.weather === "silent") await wait(silentMs);
      if (line.weather === "slow") await wait(slowMs());
      for (const piece of line.weather === "torn" ? torn(chunk) : [chunk]) await write(to, piece);
    }
    to.end();
  } catch {
    to.resetAndDestroy();
  }
}

function* torn(chunk: Buffer): Generator<Buffer> {
  let at = 0;
  while (at < Math.min(chunk.length, tornAtMost)) {
    const end = Math.min(chunk.length, at + tornBytes());
    yield chunk.subarray(at, end);
    at = end;
  }
  if (at < chunk.length) yield chunk.subarray(at);
}

/** Resolves when the piece has left, so that the next one travels by itself. */
const write = (to: Socket, piece: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    if (to.destroyed) return reject(new Error("the other side is gone"));
    const gone = () => reject(new Error("the other side is gone"));
    to.once("close", gone);
    to.write(piece, (error) => {
      to.off("close", gone);
      if (error) reject(error);
      else resolve();
    });
  });
