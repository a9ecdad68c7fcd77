import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { echo } from "../machines/runner.fixture.ts";
import { maxBodyBytes } from "./body.ts";
import { type RouteParts, routes } from "./routes.ts";

const listed = routes({} as RouteParts);
const everyRoute: [method: string, path: string][] = [
  ["POST", "/mcp"],
  ["GET", "/mcp"],
  ["POST", "/api/v1/tools/agent_status"],
  ["POST", "/api/v1/actions/agent_status"],
  ["GET", `/api/v1/actions/answers/run_${"0".repeat(26)}`],
  ["GET", "/nothing/here"],
  ...listed.map(({ method, path }): [string, string] => [method, path.replaceAll(/:\w+/g, `run_${"0".repeat(26)}`)]),
];

/** For people and for clients that sign in; each has its own way to know whom it serves. */
const others: [method: string, path: string][] = [
  ["GET", "/.well-known/oauth-authorization-server"],
  ["GET", "/.well-known/openid-configuration"],
  ["GET", "/.well-known/oauth-protected-resource"],
  ["GET", "/.well-known/oauth-protected-resource/mcp"],
  ["GET", "/authorize"],
  ["POST", "/token"],
  ["POST", "/register"],
  ["POST", "/revoke"],
  ["GET", "/consent/x"],
  ["POST", "/consent/x"],
  ["GET", "/sign-in"],
  ["POST", "/sign-in"],
  ["POST", "/sign-out"],
  ["POST", "/set-up"],
  ["GET", "/approvals"],
  ["POST", "/approvals/x"],
  ["GET", "/api/v1/approvals"],
];

/** Sends raw bytes and reads until the hub closes or has sent a whole small answer. */
function raw({ address }: TestHub, text: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (piece) => {
      answer += piece;
      socket.end();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const challengeOf = (address: string, path: string): string =>
  `Bearer realm="paddock", resource_metadata="${address}/.well-known/oauth-protected-resource/${path === "/mcp" ? "mcp" : "api"}"`;

test("every route but the open ones wants a token", async () => {
  await using hub = await startTestHub();
  const open = listed.filter((route) => route.open).map(({ path }) => path);
  assert.deepEqual(open, ["/", "/healthz", "/readyz", "/api/openapi.json", "/api/actions.json"]);
  for (const [method, path] of everyRoute) {
    const { status, json, headers } = await hub.http(method, path);
    if (open.includes(path)) assert.notEqual(status, 401, path);
    else if (path === "/nothing/here") assert.equal(status, 404);
    else
      assert.deepEqual(
        [path, status, json.error.code, headers["www-authenticate"]],
        [path, 401, "unauthorized", challengeOf(hub.address, path)],
      );
  }
});

test("a foreign Host or Origin is refused on every route, before anything else", async () => {
  await using hub = await startTestHub({ allowed_origins: ["https://app.example"] });
  const { port } = new URL(hub.address);
  const wrong: [Record<string, string>, string][] = [
    [{ host: "evil.example" }, "wrong_host"],
    [{ host: `localhost.evil.example:${port}` }, "wrong_host"],
    [{ host: `127.0.0.1:${port}@evil.example` }, "wrong_host"],
    [{ origin: "https://evil.example" }, "wrong_origin"],
    [{ origin: "null" }, "wrong_origin"],
    [{ origin: `http://127.0.0.1:${Number(port) - 1}` }, "wrong_origin"],
    [{ origin: "https://app.example.evil.example" }, "wrong_origin"],
    [{ origin: "http://app.example" }, "wrong_origin"],
  ];
  const token = await hub.token();
  for (const [method, path] of [...everyRoute, ...others]) {
    for (const [headers, code] of wrong) {
      const { status, json, headers: answered } = await hub.http(method, path, { token, headers });
      const told = [status, json.error.code, answered["access-control-allow-origin"]];
      assert.deepEqual(told, [403, code, undefined], `${method} ${path} ${JSON.stringify(headers)}`);
    }
  }
});

test("a request without a Host is refused", async () => {
  await using hub = await startTestHub();
  assert.match(await raw(hub, "GET /healthz HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 403 /);
  assert.match(await raw(hub, "GET /healthz HTTP/1.1\r\n\r\n"), /^HTTP\/1\.1 400 /);
});

test("our own addresses and listed origins pass; only the listed ones get CORS headers, by name", async () => {
  await using hub = await startTestHub({
    allowed_origins: ["https://app.example"],
    public_url: "https://paddock.example",
  });
  const { port } = new URL(hub.address);
  const right: [Record<string, string>, string | undefined][] = [
    [{}, undefined],
    [{ host: `localhost:${port}`, origin: `http://localhost:${port}` }, undefined],
    [{ host: `[::1]:${port}` }, undefined],
    [{ host: "paddock.example", origin: "https://paddock.example" }, undefined],
    [{ origin: "https://app.example" }, "https://app.example"],
  ];
  for (const [headers, allowed] of right) {
    const { status, headers: answered } = await hub.http("GET", "/healthz", { headers });
    assert.deepEqual([status, answered["access-control-allow-origin"], answered.vary], [200, allowed, "Origin"]);
  }
  const preflight = await hub.http("OPTIONS", "/mcp", { headers: { origin: "https://app.example" } });
  assert.deepEqual([preflight.status, preflight.headers["access-control-allow-methods"]], [204, "GET, POST, DELETE"]);
  assert.equal((await hub.http("OPTIONS", "/mcp", { headers: { origin: "https://evil.example" } })).status, 403);
});

test("wrong methods and addresses are answered as JSON, with the allowed methods", async () => {
  await using hub = await startTestHub();
  const token = await hub.token();
  const answers = [
    await hub.http("GET", "/api/v1/tools/glob", { token }),
    await hub.http("PUT", "/mcp", { token }),
    await hub.http("POST", "/healthz", { token }),
    await hub.http("DELETE", "/api/v1/tools", { token }),
  ];
  assert.deepEqual(
    answers.map(({ status, json, headers }) => [status, json.error.code, headers.allow]),
    [
      [405, "method_not_allowed", "POST"],
      [405, "method_not_allowed", "GET, POST, DELETE"],
      [405, "method_not_allowed", "GET"],
      [405, "method_not_allowed", "GET"],
    ],
  );
  assert.equal((await hub.http("GET", "/api/v1/tools/../../etc", { token })).status, 405);
  const absolute = await raw(hub, "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.match(absolute, /^HTTP\/1\.1 404 /);
});

test("a body that is too large is refused without being kept, declared or not, and the next call succeeds", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const token = await hub.token();
  const huge = Buffer.alloc(50 * 1024 * 1024, " ");
  const before = process.memoryUsage().arrayBuffers;
  const declared = await hub.http("POST", "/api/v1/tools/write_file", { token, body: huge });
  const chunked = await hub.http("POST", "/api/v1/tools/write_file", {
    token,
    body: huge,
    headers: { "transfer-encoding": "chunked" },
  });
  assert.deepEqual(
    [declared, chunked].map(({ status, json }) => [status, json.error.code]),
    Array(2).fill([413, "too_large"]),
  );
  assert.ok(process.memoryUsage().arrayBuffers - before < 3 * maxBodyBytes);
  const expecting = await raw(
    hub,
    `POST /api/v1/tools/glob HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nExpect: 100-continue\r\nContent-Length: ${huge.length}\r\n\r\n`,
  );
  assert.match(expecting, /^HTTP\/1\.1 413 /);
  assert.equal((await hub.call(token, "glob", { pattern: "*" })).status, 200);
});

test("what is no JSON object is refused, and an empty body is an empty input", async () => {
  await using hub = await startTestHub();
  await hub.dial({ script: echo });
  const token = await hub.token();
  for (const body of ["{", "\0", '{"a":1}}', Buffer.from([0xff, 0xfe])]) {
    const { status, json } = await hub.http("POST", "/api/v1/tools/glob", { token, body });
    assert.deepEqual([status, json.error.code], [400, "invalid_json"]);
  }
  assert.deepEqual((await hub.http("POST", "/api/v1/tools/glob", { token })).json.data, {});
  const polluting = await hub.http("POST", "/api/v1/tools/glob", { token, body: '{"__proto__":{"a":1}}' });
  assert.equal(polluting.text.includes('"__proto__":{"a":1}'), true);
});

test("wrong tokens run into the rate limit, and the answer says how long to wait", async () => {
  await using hub = await startTestHub({ failed_credentials_per_minute: 2 });
  const token = await hub.token();
  const wrong = () => hub.http("GET", "/api/v1/tools", { token: "wrong" });
  const statuses = [(await wrong()).status, (await wrong()).status];
  const limited = await wrong();
  assert.deepEqual([...statuses, limited.status, limited.json.error.code], [401, 401, 429, "rate_limited"]);
  const seconds = Number(limited.headers["retry-after"]);
  assert.ok(seconds >= 1 && seconds <= 60, String(seconds));
  assert.equal((await hub.http("GET", "/api/v1/tools", { token })).status, 200);
  assert.equal((await hub.http("GET", "/api/v1/tools", { headers: { authorization: "" } })).status, 429);
});

test("a forged origin helps nobody: it counts only from a proxy that the owner named, and only where that one wrote", async () => {
  const wrongFrom = (hub: TestHub, forwarded: string) =>
    hub.http("GET", "/api/v1/tools", { token: "wrong", headers: { "x-forwarded-for": forwarded } });
  const statuses = async (trusted_proxies: string[], origins: string[]) => {
    await using hub = await startTestHub({ failed_credentials_per_minute: 2, trusted_proxies });
    const seen: number[] = [];
    for (const origin of origins) seen.push((await wrongFrom(hub, origin)).status);
    return seen;
  };
  const forged = ["198.51.100.1", "198.51.100.2", "198.51.100.3"];
  assert.deepEqual(await statuses([], forged), [401, 401, 429]);
  assert.deepEqual(await statuses(["192.0.2.1"], forged), [401, 401, 429]);
  // The proxy has added whom it spoke to at the end.
  const through = forged.map((origin) => `${origin}, 203.0.113.9`);
  assert.deepEqual(await statuses(["127.0.0.1"], [...through, "198.51.100.1, 203.0.113.10"]), [401, 401, 429, 401]);
});

test("the open pages tell nothing about the machine", async () => {
  await using hub = await startTestHub();
  await hub.dial();
  for (const path of ["/", "/healthz", "/readyz", "/api/openapi.json", "/api/actions.json"]) {
    const { status, text } = await hub.http("GET", path);
    assert.equal(status, 200, path);
    for (const secret of ["/srv/app", "test-machine", hub.home, "Work carefully"]) {
      assert.equal(text.includes(secret), false, `${path} shows ${secret}`);
    }
  }
});

test("the address can narrow a token for one call", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial({ script: echo });
  const token = await hub.token();
  const refused = await hub.http("POST", "/api/v1/tools/write_file?toolset=readonly", { token });
  assert.deepEqual([refused.status, refused.json.data.code], [403, "readonly"]);
  await hub.http("POST", "/api/v1/tools/glob?workspace=/srv/app", { token });
  const { workspace, principal } = await runner.next("call");
  assert.deepEqual([workspace, principal.workspaces], ["/srv/app", ["/srv/app"]]);
});

test("requests that were refused before they were calls are on record, the same from one address once", async () => {
  await using hub = await startTestHub();
  const token = await hub.token();
  for (let round = 0; round < 3; round += 1) {
    await hub.http("GET", "/", { headers: { host: "evil.example" } });
    await hub.http("POST", "/mcp", { headers: { origin: "https://evil.example" } });
    await hub.http("POST", "/api/v1/tools/agent_status");
    await hub.http("POST", "/api/v1/tools/agent_status?toolset=readonly", { token, body: "{" });
    await hub.http("GET", `/api/v1/runs/run_${"0".repeat(26)}`, { token });
    await hub.http("GET", "/nothing/here");
  }
  const records = hub.audit(50).filter(({ event }) => event === "request.refused");
  assert.deepEqual(
    records.map(({ code, detail }) => [code, detail?.method, detail?.path, detail?.origin]),
    [
      ["wrong_host", "GET", "/", ""],
      ["wrong_origin", "POST", "/mcp", "https://evil.example"],
      ["unauthorized", "POST", "/api/v1/tools/agent_status", ""],
      ["invalid_json", "POST", "/api/v1/tools/agent_status", ""],
      ["run_not_found", "GET", `/api/v1/runs/run_${"0".repeat(26)}`, ""],
    ],
  );
});
