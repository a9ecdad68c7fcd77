/** What runs on the owner's machine beside Paddock: programs that listen or hold secrets. None of it may be reached. */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gitIn, makeRepository } from "./git-repository.ts";
import { systemCall } from "./system-calls.ts";

export interface Services extends AsyncDisposable {
  readonly folder: string;
  /** Sockets by what they stand for. */
  readonly sockets: Readonly<Record<SocketName, string>>;
  readonly abstractSocket: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  /** A web site that sends its visitors on to the port above. */
  readonly sitePort: number;
  readonly victim: Victim;
  /** A repository with one commit on the branch `secret`, whose subject is a secret. */
  readonly repository: string;
  readonly repositoryHead: string;
  /** A folder on the owner's PATH. */
  readonly bin: string;
  /** A file in the machine's /dev/shm, and one in its folder for temporary files. */
  readonly sharedMemoryFile: string;
  readonly temporaryFile: string;
  /** What the owner's own session has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Connections and packets so far. */
  packets(): number;
}

interface Victim {
  pid: number;
  isAlive(): boolean;
  /** Where it keeps its secrets. */
  descriptor: number;
  address: string;
  bytes: number;
  segment: number;
  queue: number;
  key: number;
}

const socketNames = ["docker.sock", "ssh-agent", "bus", "x11"] as const;
type SocketName = (typeof socketNames)[number];

/** Each secret begins with `secret`, and ends with where it was. */
export async function openServices(secret: string): Promise<Services> {
  await using open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "pr-"));
  open.defer(() => rmSync(folder, { recursive: true, force: true }));
  // A cage is shown what lies around a folder of programs.
  const bin = join(folder, "tools", "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "owners-tool"), "#!/bin/sh\necho tool\n", { mode: 0o755 });
  let packets = 0;
  const count = () => {
    packets += 1;
  };
  const sockets = Object.fromEntries(socketNames.map((name) => [name, join(folder, name)])) as Record<
    SocketName,
    string
  >;
  for (const name of socketNames) await listen(open, { path: sockets[name] }, `${secret}-${name}`, count);
  const abstractName = `${folder}/abstract`;
  await listen(open, { path: `\0${abstractName}` }, `${secret}-abstract`, count);
  const tcpPort = await listen(open, { port: 0, host: "127.0.0.1" }, `${secret}-tcp`, count);
  const site = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(redirectTo(`http://127.0.0.1:${tcpPort}/`)));
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  open.defer(() => void site.close());
  const udp = createSocket("udp4").on("message", count);
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  open.defer(() => void udp.close());
  const sharedMemoryFile = planted(open, "/dev/shm", `${secret}-shared-memory`);
  const temporaryFile = planted(open, tmpdir(), `${secret}-temporary`);
  const repository = join(folder, "repository");
  makeRepository(repository, `${secret}-commit`);
  gitIn(repository, "branch", "--move", "secret");
  const repositoryHead = gitIn(repository, "rev-parse", "HEAD").trim();
  const victim = await startVictim(open, secret, folder);
  const running = open.move();
  return {
    folder,
    sockets,
    abstractSocket: abstractName,
    tcpPort,
    udpPort: udp.address().port,
    sitePort: (site.address() as AddressInfo).port,
    victim,
    repository,
    repositoryHead,
    bin,
    sharedMemoryFile,
    temporaryFile,
    environment: {
      LEAKED_TOKEN: `${secret}-environment`,
      SSH_AUTH_SOCK: sockets["ssh-agent"],
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${sockets.bus}`,
      DISPLAY: ":99",
      PATH: `${bin}:${process.env.PATH}`,
    },
    packets: () => packets,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const redirectTo = (address: string) =>
  `HTTP/1.1 302 Found\r\nLocation: ${address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

async function listen(
  open: AsyncDisposableStack,
  at: { path: string } | { port: number; host: string },
  greeting: string,
  onConnection: () => void,
): Promise<number> {
  const server = createServer((socket) => {
    onConnection();
    socket.on("error", () => undefined);
    socket.end(`${greeting}\n`);
  });
  server.listen(at);
  await once(server, "listening");
  open.defer(() => void server.close());
  const address = server.address() as AddressInfo | string | null;
  return typeof address === "object" && address ? address.port : 0;
}

function planted(open: AsyncDisposableStack, folder: string, content: string): string {
  const path = join(folder, `paddock-red-${process.pid}-${Math.random().toString(36).slice(2)}`);
  writeFileSync(path, content, { mode: 0o600 });
  open.defer(() => rmSync(path, { force: true }));
  return path;
}

async function startVictim(open: AsyncDisposableStack, secret: string, folder: string): Promise<Victim> {
  const [here, file] = [join(folder, "victim"), join(folder, "held-open")];
  mkdirSync(here);
  writeFileSync(join(here, "note"), `${secret}-directory`);
  writeFileSync(file, `${secret}-descriptor`);
  const program = fileURLToPath(new URL("victim.pl", import.meta.url));
  const calls = `${systemCall.add_key},${systemCall.keyctl},${systemCall.prctl}`;
  const child = spawn("perl", [program, calls, `${secret}-argument`, here, file], {
    env: { HELD: `${secret}-variable` },
    stdio: ["pipe", "pipe", "inherit"],
  });
  open.defer(() => ended(child));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return {
    ...(JSON.parse(line.toString()) as Omit<Victim, "pid" | "isAlive">),
    pid: child.pid ?? 0,
    isAlive: () => child.exitCode === null && child.signalCode === null,
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  // One that was stopped is not told otherwise.
  child.kill("SIGCONT");
  await once(child, "exit");
}
