/**
 * A world in which every tool has something to do: files of all kinds, a repository with a remote, a skill, hooks, and a
 * bridged MCP server. And the two surfaces over which the tests of the contract call.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeServers } from "@paddock/runner/bridge";
import { startBot } from "../../packages/runner/src/approvals/channels/webhook/bot.fixture.ts";
import type { Envelope } from "../world/callers.ts";
import { until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

export interface Listed {
  name: string;
  title: string;
  description: string;
  inputSchema: object;
  outputSchema: object;
  annotations: Record<string, unknown>;
}

export interface McpResult {
  content: { type: string; text?: string; data?: string; mimeType?: string }[];
  structuredContent?: Envelope;
  isError?: boolean;
}

/** One token on both surfaces, as the bytes come. */
export interface Surfaces {
  tools(query?: string): Promise<Listed[]>;
  mcp(tool: string, input: unknown, key?: string): Promise<McpResult>;
  rest(
    tool: string,
    input: unknown,
    key?: string,
  ): Promise<{ status: number; run: string | null; bytes: number; body: Envelope }>;
  /** Any other request. */
  fetch(path: string, options?: RequestInit): Promise<Response>;
  /** The result of any MCP request. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read any answer
  ask(method: string, params?: object, query?: string): Promise<any>;
}

export function surfacesOf({ address }: World, token: string): Surfaces {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${address}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });
  const ask: Surfaces["ask"] = async (method, params = {}, query = "") => {
    const response = await post(`/mcp${query}`, { jsonrpc: "2.0", id: 1, method, params });
    return ((await response.json()) as { result: unknown }).result;
  };
  return {
    ask,
    fetch: (path, options) => fetch(`${address}${path}`, { ...options, headers: { authorization: `Bearer ${token}` } }),
    tools: async (query) => (await ask("tools/list", {}, query)).tools,
    mcp: (name, input, key) =>
      ask("tools/call", { name, arguments: input, ...(key ? { _meta: { "paddock/idempotencyKey": key } } : {}) }),
    async rest(tool, input, key) {
      const response = await post(`/api/v1/tools/${tool}`, input, key ? { "idempotency-key": key } : {});
      const text = await response.text();
      const [status, run] = [response.status, response.headers.get("paddock-run")];
      return { status, run, bytes: Buffer.byteLength(text), body: JSON.parse(text) };
    },
  };
}

/** The smallest picture. */
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const largeLines = 200_000;

const files: Readonly<Record<string, string | Buffer>> = {
  "AGENTS.md": "# Rules\n\nBe careful. See @docs/more.md\n",
  "docs/more.md": "More rules.\n",
  ".claude/rules/ts.md": "---\npaths: src/**/*.ts\n---\nUse two spaces.\n",
  "README.md": "A project.\n",
  "src/a.ts": "export const a = 1;\nexport const b = 2;\nexport const c = 3;\n",
  "src/twice.txt": "same\nsame\n",
  "pixel.png": Buffer.from(pixel, "base64"),
  binary: Buffer.from([0, 255, 1, 2]),
  "large.txt": "0123456789\n".repeat(largeLines),
  "dir/inner.txt": "inner\n",
};

/** A world on prepared ground, whose owner is reached over a webhook. */
export async function startGround(): Promise<World> {
  await using open = new AsyncDisposableStack();
  const bot = open.use(await startBot());
  const folder = mkdtempSync(join(tmpdir(), "pg-"));
  open.defer(() => rmSync(folder, { recursive: true }));
  const secret = join(folder, "secret");
  writeFileSync(secret, bot.secret, { mode: 0o600 });
  const settings = { PADDOCK_WEBHOOK_URL: bot.url, PADDOCK_WEBHOOK_SECRET_FILE: secret };
  const world = open.use(await startWorld({ settings }));
  await prepareGround(world);
  const running = open.move();
  return { ...world, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Fills the workspace and the owner's part of the state, then waits until all of it is in use. */
export async function prepareGround(world: World): Promise<void> {
  const { workspace, home } = world;
  for (const [name, content] of Object.entries(files)) write(join(workspace, name), content);
  const runner = join(home, "runner");
  write(join(runner, "skills/greet/SKILL.md"), "---\ndescription: Says hello.\n---\nRun go.sh.\n");
  write(join(runner, "skills/greet/go.sh"), '#!/bin/sh\necho "hello $1"\n');
  write(join(workspace, ".agents/skills/wild/SKILL.md"), "---\ndescription: Not approved.\n---\n");
  write(join(workspace, ".agents/skills/wild/go.sh"), "#!/bin/sh\ntouch wild-ran\n");
  write(join(runner, "hooks.json"), JSON.stringify([{ glob: "*.hooked", command: 'echo "checked $1"' }]));
  const program = readFileSync(join(import.meta.dirname, "notes-server.fixture.js"), "utf8");
  const args = ["--input-type=module", "--eval", program];
  writeServers(join(runner, "bridge.json"), [{ id: "notes", transport: "stdio", command: "node", args }]);
  makeRepository(world);
  await world.paddock("root", "add", remoteOf(world));
  const { tools } = surfacesOf(world, await world.token({ toolset: "core" }));
  await until(async () => (await tools()).some(({ name }) => name === "mcp_call"));
}

/** A bare repository beneath a root of its own. */
const remoteOf = ({ workspace }: World): string => join(realpathSync(dirname(workspace)), "remote.git");

function makeRepository(world: World): void {
  const { workspace, environment } = world;
  const git = (...args: string[]) => execFileSync("git", args, { cwd: workspace, env: environment });
  git("config", "--global", "user.name", "Ada");
  git("config", "--global", "user.email", "ada@example.org");
  git("init", "--quiet", "--bare", "--initial-branch=main", remoteOf(world));
  git("init", "--quiet", "--initial-branch=main");
  git("remote", "add", "origin", remoteOf(world));
  git("add", ".");
  git("commit", "--quiet", "--message", "begin");
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
