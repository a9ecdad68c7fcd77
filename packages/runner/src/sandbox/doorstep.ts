/**
 * The one port of a cage's own network. Before anything else runs inside, a small program opens the port and hands the open
 * listener out over a channel that then closes: nothing stays in the cage that could be ended, asked or taken over, and
 * what connects there later is taken from outside.
 */
import type { ChildProcess } from "node:child_process";
import type { Server } from "node:net";
import { type Doorway, proxyInside } from "./cage.ts";

/** Where the cage sees the Node that this process runs on. */
const nodeInside = "/run/node";
const backlog = 511;

const open = `require("node:net").createServer().listen(${proxyInside.port}, "${proxyInside.host}", ${backlog}, function () {
  process.send(0, this, () => process.exit());
})`;

/** As bubblewrap's arguments. */
export const doorstepMounts: readonly string[] = ["--ro-bind-try", process.execPath, nodeInside];

/** Puts the opening of the port before a program. `channel` is the descriptor of the channel inside, a single digit. */
export function afterDoorstep(argv: readonly string[], channel: number): readonly string[] {
  const script = `NODE_CHANNEL_FD=${channel} ${nodeInside} -e "$1" </dev/null >/dev/null 2>&1; exec ${channel}>&-; shift; exec "$@"`;
  return ["/bin/sh", "-c", script, "sh", open, ...argv];
}

/** Takes the listener as it comes, and leads to the doorway what connects to it. Without one the cage has no network. */
export function attend(child: ChildProcess, doorway: Doorway): void {
  const { promise: gone, resolve: end } = Promise.withResolvers<void>();
  let isOpen = false;
  child.once("message", (_, handle) => {
    isOpen = true;
    const listener = handle as Server;
    listener.on("connection", (connection) => doorway.accept(connection));
    void gone.then(() => listener.close());
  });
  child.once("disconnect", () => {
    if (!isOpen) doorway.lost();
  });
  child.once("exit", end);
  child.once("error", end);
  void gone.then(() => doorway.close());
}

const address = `http://${proxyInside.host}:${proxyInside.port}`;
const direct = "127.0.0.1,localhost,::1";

/** By which programs find it, in all the spellings that are in use. */
export const doorstepEnvironment: Readonly<Record<string, string>> = {
  HTTP_PROXY: address,
  HTTPS_PROXY: address,
  http_proxy: address,
  https_proxy: address,
  NO_PROXY: direct,
  no_proxy: direct,
  NODE_USE_ENV_PROXY: "1",
};
