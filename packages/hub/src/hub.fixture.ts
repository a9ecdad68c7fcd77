/** A real hub in a temporary folder, for tests: real database, sockets and files; the runner is scripted. */
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest, type RequestOptions } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastRecords } from "@paddock/audit";
import { type AuditRecord, type Config, noPassphrase, resolveConfig } from "@paddock/contract";
import { pino } from "pino";
import { dial, type Script, type ScriptedRunner } from "./machines/runner.fixture.ts";
import { type Hub, type HubOptions, startHub } from "./main.ts";

export const testConfig = (changes: Partial<Config> = {}): Config => ({
  ...resolveConfig({ environment: {}, file: {} }).values,
  port: 0,
  ...changes,
});

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any answer
  json: any;
}

export interface TestHub extends AsyncDisposable {
  readonly home: string;
  readonly address: string;
  /** The last records of its audit log. */
  audit(count: number): AuditRecord[];
  restart(changes?: Partial<Config>): Promise<void>;
  dial(options?: { boot?: string; script?: Script }): Promise<ScriptedRunner>;
  /** A token made over the control socket. */
  token(wish?: Record<string, unknown>): Promise<string>;
  control(method: string, path: string, body?: unknown): Promise<Reply>;
  http(method: string, path: string, options?: HttpOptions): Promise<Reply>;
  /** POSTs to a tool. */
  call(token: string, tool: string, input?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

interface HttpOptions {
  token?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export async function startTestHub(
  changes: Partial<Config> = {},
  more: Pick<HubOptions, "fetchMetadata"> = {},
): Promise<TestHub> {
  const home = await mkdtemp(join(tmpdir(), "paddock-hub-"));
  const start = (again: Partial<Config> = {}) =>
    startHub({
      home,
      passphrase: noPassphrase,
      config: testConfig({ ...changes, ...again }),
      version: "1.2.3",
      log: pino({ level: "silent" }),
      ...more,
    });
  const runners: ScriptedRunner[] = [];
  let hub: Hub = await start();
  const test: TestHub = {
    home,
    get address() {
      return hub.address;
    },
    audit: (count) => lastRecords(join(home, "hub"), count),
    async restart(again) {
      await hub.close();
      hub = await start(again);
    },
    async dial(options) {
      const runner = await dial(join(home, "hub", "link.sock"), options);
      runners.push(runner);
      return runner;
    },
    async token(wish = {}) {
      const made = await test.control("POST", "/tokens", { name: "test", toolset: "full", ...wish });
      return String(made.json.token);
    },
    control: (method, path, body) =>
      send(
        { socketPath: join(home, "hub", "control.sock"), method, path },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    http(method, path, { token, headers = {}, body } = {}) {
      const { hostname, port } = new URL(hub.address);
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return send({ host: hostname, port, method, path, headers: { ...authorization, ...headers } }, body);
    },
    call: (token, tool, input = {}, headers = {}) =>
      test.http("POST", `/api/v1/tools/${tool}`, { token, headers, body: JSON.stringify(input) }),
    async [Symbol.asyncDispose]() {
      for (const runner of runners) await runner.close();
      await hub.close();
      await rm(home, { recursive: true, force: true });
    },
  };
  return test;
}

function send(options: RequestOptions, body: string | Buffer | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...options, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString("utf8");
        const isJson = String(response.headers["content-type"]).startsWith("application/json");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : null,
        });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
