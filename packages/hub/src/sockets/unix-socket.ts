/** Listening on a unix socket that only the owner's account can open. */
import { chmod, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { PaddockError } from "@paddock/contract";

/** The kernel keeps a socket's path in 108 bytes, the last of them a NUL. */
const maxPathBytes = 107;

/**
 * Listens on `path`, whose folder is the owner's alone. A socket that nobody serves any more is removed first.
 * Throws already_running when somebody serves it, invalid_config when the path is too long for a socket.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new PaddockError(
      "invalid_config",
      `The path of a socket would be longer than ${maxPathBytes} bytes: ${path}`,
      "Set PADDOCK_HOME to a shorter path.",
    );
  }
  if (await isServed(path)) throw new PaddockError("already_running", `Somebody already serves ${path}.`);
  await unlink(path).catch(unlessMissing);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
  await chmod(path, 0o600);
}

const isServed = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(false);
      else reject(error);
    });
  });

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
