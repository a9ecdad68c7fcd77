/** A way out of a cage for tests: real sockets, a real audit log and real questions; only names are looked up in a table. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openAuditLog } from "@paddock/audit";
import type { AuditRecord } from "@paddock/contract";
import { builtinRules, type Rule } from "@paddock/policy";
import { openGrants } from "../approvals/grants.ts";
import { openQuestions, type Questions } from "../approvals/questions.ts";
import type { DoorLimits } from "./door.ts";
import { type Egress, openEgress } from "./egress.ts";
import type { NetworkMode } from "./host-rules.ts";
import { type NetworkList, openNetworkList } from "./network-list.ts";
import { openRepositoryList, type RepositoryList } from "./repositories/repository-list.ts";
import type { Caller } from "./traffic-log.ts";

export interface EgressOptions {
  mode?: NetworkMode;
  allow?: readonly string[];
  /** Names that may lead into the inside. */
  internal?: readonly string[];
  /** Addresses of names. */
  names?: Readonly<Record<string, readonly string[]>>;
  /** The same for a name server that changes its mind; `times` is how often it was asked before. */
  lookUp?: (name: string, times: number) => readonly string[];
  rules?: readonly Rule[];
  limits?: Partial<DoorLimits>;
}

export const testCaller: Caller = {
  domain: "tok_1\n/work\nworkspace",
  principal: { id: "tok_1", name: "laptop", surface: "mcp", toolset: "full", workspaces: [] },
  workspace: "/work",
};

export interface TestEgress extends AsyncDisposable {
  /** Of its state. */
  folder: string;
  egress: Egress;
  list: NetworkList;
  repositories: RepositoryList;
  questions: Questions;
  /** Names that were looked up, in order. */
  lookedUp: string[];
  faults: unknown[];
  /** Opens a connection as a program in the cage of this caller does. */
  dial(caller?: Caller): Promise<Socket>;
  /** Sends bytes in one connection and gives back all that comes until it ends. */
  say(bytes: string, caller?: Caller): Promise<string>;
  endCages(): Promise<void>;
  records(): Pick<AuditRecord, "event" | "detail">[];
}

export async function makeEgress(options: EgressOptions = {}): Promise<TestEgress> {
  const folder = mkdtempSync(join(tmpdir(), "paddock-egress-"));
  const faults: unknown[] = [];
  const log = {
    warn: (fields: object) => void faults.push(fields),
    error: (fields: object) => void faults.push(fields),
  };
  const audit = openAuditLog({ folder, maxBytes: 1e8, keep: 1, mask: (text) => text, log });
  const questions = openQuestions({
    ...{ channels: [], deviceThatSigned: () => null, refused: () => undefined },
    log,
  });
  const list = openNetworkList({
    path: join(folder, "network.json"),
    settings: options.allow ?? [],
    found: () => [],
  });
  for (const name of options.internal ?? []) list.allow(name, true);
  const repositories = openRepositoryList(join(folder, "repositories.json"));
  const lookedUp: string[] = [];
  const egress = openEgress({
    ...{
      list,
      repositories,
      audit,
      questions,
      grants: openGrants(),
      log,
      profile: "workspace",
      timeoutMs: 60_000,
      questionCharacters: 12_000,
      machine: "here",
    },
    mode: options.mode ?? "allowlist",
    rules: {
      inForce: () => options.rules ?? builtinRules,
      moment: () => ({ now: Date.now(), latest: Date.now(), minute: 0 }),
    },
    limits: { connections: 256, idleMs: 60_000, connectMs: 5_000, ...options.limits },
    resolve: async (name) => {
      const times = lookedUp.filter((other) => other === name).length;
      lookedUp.push(name);
      return options.lookUp?.(name, times) ?? options.names?.[name] ?? [];
    },
  });
  const cages = testCages(egress);
  return {
    ...{ folder, egress, list, repositories, questions, lookedUp, faults, ...cages },
    async say(bytes, caller) {
      const socket = await cages.dial(caller);
      socket.write(bytes, "latin1");
      return text(socket).catch(() => "");
    },
    records: () =>
      readFileSync(audit.path, "utf8")
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .map(({ event, detail }) => ({ event, detail })),
    async [Symbol.asyncDispose]() {
      await cages.endCages();
      audit.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One door for each caller, behind a port of its own. */
function testCages({ doorFor }: Egress): Pick<TestEgress, "dial" | "endCages"> {
  const doors = new Map<string, Promise<{ port: number; close(): void }>>();
  const open = async (caller: Caller) => {
    const door = doorFor(caller);
    const server = createServer((connection) => door?.accept(connection)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const close = () => {
      door?.close();
      server.close();
    };
    return { port: (server.address() as { port: number }).port, close };
  };
  return {
    async dial(caller = testCaller) {
      const door = doors.get(caller.domain) ?? open(caller);
      doors.set(caller.domain, door);
      const socket = connect({ port: (await door).port, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => undefined);
      return socket;
    },
    async endCages() {
      for (const door of doors.values()) (await door).close();
      doors.clear();
    },
  };
}

/** A server on loopback that answers whatever it is told to, and keeps what it was sent. */
export async function makeHost(act: (connection: Socket) => void) {
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    connection.on("error", () => undefined);
    act(connection);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as { port: number }).port, [Symbol.dispose]: () => void server.close() };
}
