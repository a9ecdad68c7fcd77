/**
 * The way out of a container. The engine hands no descriptors out, so a second container stands at the door: it shares the
 * first one's network and nothing else, opens the one port there, and carries what comes to a socket that only it is shown.
 * Whoever runs in the first container can neither see, end, trace nor take it over.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { type Doorway, proxyInside } from "../cage.ts";
import { ownIds } from "../system-view.ts";
import { bind, distinct, sealed } from "./container.ts";
import type { Engine } from "./engine.ts";

export interface PorterParts {
  engine: Engine;
  image: string;
  labels: Readonly<Record<string, string>>;
  /** Folder for its socket; only this account sees it. */
  folder: string;
  /** The running container at whose door it stands. */
  cage: string;
  mark: { name: string; value: string };
}

const openWithinMs = 60_000;

/**
 * Resolves when the port is open, with what closes it again. Throws sandbox_unavailable when it cannot be opened. The
 * doorway is closed by that, too, and by whoever called when this throws.
 */
export async function openPorter(parts: PorterParts, doorway: Doorway): Promise<() => void> {
  const { engine, cage } = parts;
  const name = `${cage}-porter`;
  // A socket's path is short.
  const folder = join(parts.folder, randomBytes(4).toString("hex"));
  mkdirSync(folder, { mode: 0o700 });
  const server = createServer();
  const abandoned = new AbortController();
  const close = () => {
    abandoned.abort();
    server.close();
    rmSync(folder, { recursive: true, force: true });
    // One that is not ended now is ended at the next start.
    engine.kill(name).catch(() => undefined);
  };
  try {
    await listening(server, join(folder, socketName));
    await engine.create(name, porterOf(parts, folder));
    const ended = engine.ended(name, abandoned.signal).then(() => "it ended");
    // After `close` nobody waits for it any more.
    ended.catch(() => undefined);
    // It may greet before the engine has said that it started.
    const greeting = greeted(server, abandoned.signal);
    await engine.start(name);
    const fault = await Promise.race([greeting, ended]);
    if (fault !== null) throw notOpen(fault);
    server.on("connection", (connection) => doorway.accept(connection));
    ended.then(() => doorway.lost()).catch(() => undefined);
  } catch (error) {
    close();
    throw error;
  }
  return () => {
    close();
    doorway.close();
  };
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.on("error", reject).listen(path, resolve);
  });

/** Its first connection says that the port is open: nothing has run yet that could make it make one. */
function greeted(server: Server, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("it did not open the port in time"), openWithinMs);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    server.once("connection", (greeting) => {
      clearTimeout(timer);
      greeting.destroy();
      resolve(null);
    });
  });
}

const notOpen = (why: string): PaddockError =>
  new PaddockError(
    "sandbox_unavailable",
    `The container that leads to the network could not be used: ${why}.`,
    'Look at the engine\'s log; with `network = "none"` cages do without it.',
  );

const place = "/run/paddock-porter";
const socketName = "s";
const backlog = 511;

const script = `const net = require("node:net"), path = "${place}/door/${socketName}"
const server = net.createServer({ allowHalfOpen: true }, (inside) => {
  const outside = net.connect({ path, allowHalfOpen: true })
  for (const [from, to] of [[inside, outside], [outside, inside]]) {
    from.on("error", () => to.destroy())
    from.on("close", () => from.readableEnded || to.destroy())
    from.pipe(to)
  }
})
server.listen(${proxyInside.port}, "${proxyInside.host}", ${backlog}, () => net.connect(path).resume())`;

/** It runs this process's own Node with the libraries that this process has loaded, so that the image need not bring any. */
function porterOf({ image, labels, cage, mark }: PorterParts, folder: string): object {
  const { uid, gid } = ownIds();
  const libraries = loadedLibraries();
  const loader = libraries.find((path) => /\/ld-[^/]+$/.test(path));
  const at = (path: string) => `${place}/lib/${path.slice(path.lastIndexOf("/") + 1)}`;
  const node = [`${place}/node`, "-e", script];
  return {
    Image: image,
    Entrypoint: loader === undefined ? node : [at(loader), "--library-path", `${place}/lib`, ...node],
    Cmd: [],
    Env: ["NODE_OPTIONS=", `${mark.name}=${mark.value}`],
    Labels: labels,
    User: `${uid}:${gid}`,
    WorkingDir: "/",
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...sealed(),
      NetworkMode: `container:${cage}`,
      ...{ Memory: memoryBytes, MemorySwap: memoryBytes, PidsLimit: pids },
      Ulimits: [
        { Name: "nofile", Soft: openFiles, Hard: openFiles },
        { Name: "fsize", Soft: 0, Hard: 0 },
        { Name: "core", Soft: 0, Hard: 0 },
      ],
      Mounts: distinct([
        bind(folder, `${place}/door`, false),
        bind(process.execPath, `${place}/node`, false),
        ...libraries.map((path) => bind(path, at(path), false)),
      ]),
    },
  };
}

const memoryBytes = 256 * 1024 * 1024;
const pids = 64;
/** Two for each connection; how many there may be is for the doorway to say. */
const openFiles = 16_384;

/** Of this process, by the names under which they were looked for; among them the loader, but for a Node that is linked statically. */
function loadedLibraries(): string[] {
  // Otherwise it looks up the names of whom this process speaks with. The types do not know it.
  Object.assign(process.report, { excludeNetwork: true });
  const { sharedObjects } = process.report.getReport() as { sharedObjects?: string[] };
  return (sharedObjects ?? []).filter((path) => /^\/.*\/(lib[^/]*\.so[^/]*|ld-[^/]+)$/.test(path));
}
