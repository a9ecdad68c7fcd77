/** The output of a container, which the engine sends as frames of both streams over one connection. */
import type { Socket } from "node:net";
import { PassThrough, type Readable } from "node:stream";

const headerBytes = 8;
const errorStream = 2;

/** Gives each piece of content with the number of its stream. A frame may come in any number of chunks. */
export function frameReader(take: (stream: number, piece: Buffer) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(headerBytes);
  let headerHeld = 0;
  let missing = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (missing > 0) {
        const piece = chunk.subarray(at, at + missing);
        take(header.readUInt8(0), piece);
        missing -= piece.length;
        at += piece.length;
        continue;
      }
      const count = chunk.copy(header, headerHeld, at);
      at += count;
      headerHeld = (headerHeld + count) % headerBytes;
      if (headerHeld === 0) missing = header.readUInt32BE(4);
    }
  };
}

/** Holds back the engine while whoever reads one of the streams is slow. */
export function separate(socket: Socket): { stdout: Readable; stderr: Readable; ended: Promise<void> } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const read = frameReader((stream, piece) => {
    const target = stream === errorStream ? stderr : stdout;
    if (target.write(piece)) return;
    socket.pause();
    target.once("drain", () => socket.resume());
  });
  socket.on("data", read);
  const ended = new Promise<void>((resolve) => {
    socket.once("close", () => {
      stdout.end();
      stderr.end();
      resolve();
    });
  });
  return { stdout, stderr, ended };
}
