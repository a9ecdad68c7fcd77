/** Whoever reaches the hub's port without being a client: a web page, a name that was bound to it, another program. */
import type { HttpRequest, Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const byRest = ({ private: path }: Scene): HttpRequest => ({
  method: "POST",
  path: "/api/v1/tools/read_text_file",
  body: { path },
});

const byMcp = ({ private: path }: Scene): HttpRequest => ({
  method: "POST",
  path: "/mcp",
  headers: { accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18" },
  body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "read_text_file", arguments: { path } } },
});

type Headers = Readonly<Record<string, string>>;

const row = (id: string, tries: string, defence: string, headers: Headers, by = byRest): Mechanism => ({
  id: `strangers/${id}`,
  tries,
  defence,
  harm: "secret read",
  attack({ http }, scene) {
    const request = by(scene);
    return http({ ...request, headers: { ...request.headers, ...headers } });
  },
});

const names = "that only its own names are answered";
const pages = "that only its own pages are answered";
const tokens = "that every call needs a token";
const madeUp = `Bearer pad_${"A".repeat(43)}`;

/** Addresses that mean the same to some part of a server, and something else to the part that checks. */
const disguised = [
  "/API/v1/tools/read_text_file",
  "//api/v1/tools/read_text_file",
  "/healthz/../api/v1/tools/read_text_file",
  "/api/v1/tools/%72ead_text_file",
  "/api/v1/tools/read_text_file/",
  "/api/v1/tools/read_text_file%00",
  "/healthz;/api/v1/tools/read_text_file",
];

export const strangers: readonly Mechanism[] = [
  row("bound-name", "call by a foreign name that leads to loopback", names, { host: "evil.example" }),
  row(
    "bound-name-mcp",
    "speak MCP by a foreign name that leads to loopback",
    names,
    { host: "evil.example:80" },
    byMcp,
  ),
  row("longer-name", "call by a name that begins like its own", names, { host: "localhost.evil.example" }),
  row("address-in-name", "call by a name that begins like its address", names, { host: "127.0.0.1.evil.example" }),
  row("user-in-name", "call by a foreign name that names its own as a user", names, { host: "localhost@evil.example" }),
  row("other-loopback", "call by another address of loopback", names, { host: "127.0.0.2" }),
  row("any-address", "call by the address that means any", names, { host: "0.0.0.0" }),
  row("forwarded-name", "say that a proxy was called by its own name", names, {
    host: "evil.example",
    "x-forwarded-host": "localhost",
    forwarded: "host=localhost",
  }),
  row("foreign-page", "call from a foreign page", pages, { origin: "https://evil.example" }),
  row("foreign-page-mcp", "speak MCP from a foreign page", pages, { origin: "https://evil.example" }, byMcp),
  row("page-without-origin", "call from a page that hides where it is from", pages, { origin: "null" }),
  row("page-of-another-port", "call from a page of another program of this machine", pages, {
    origin: "http://localhost:1",
  }),
  row("page-of-longer-name", "call from a page whose name begins like its own", pages, {
    origin: "http://localhost.evil.example",
  }),
  row("no-token", "call without a token", tokens, { authorization: "" }),
  row("no-token-mcp", "speak MCP without a token", tokens, { authorization: "" }, byMcp),
  row("made-up-token", "call with a token that they made up", tokens, { authorization: madeUp }),
  row("empty-token", "call with an empty token", tokens, { authorization: "Bearer " }),
  row("token-in-cookie", "have a browser's cookie be the token", tokens, {
    authorization: "",
    cookie: "token=pad; authorization=Bearer pad",
  }),
  row("password", "call with a name and a password", tokens, { authorization: `Basic ${btoa("owner:owner")}` }),
  row("owner-by-header", "say in a header that they are the owner", tokens, {
    authorization: "",
    "x-forwarded-user": "owner",
    "x-paddock-principal": "owner",
    "x-real-ip": "127.0.0.1",
  }),
  row(
    "session-of-nobody",
    "go on with a session that they made up",
    tokens,
    { authorization: "", "mcp-session-id": "1".repeat(64) },
    byMcp,
  ),
  {
    id: "strangers/token-in-address",
    tries: "have the token be a part of the address, where logs keep it",
    defence: "that a token is taken from its header only",
    harm: "secret read",
    async attack(attacker, scene) {
      const request = byRest(scene);
      for (const name of ["token", "access_token", "authorization"])
        await attacker.http({
          ...request,
          path: `${request.path}?${name}=${attacker.token}`,
          headers: { authorization: "" },
        });
    },
  },
  {
    id: "strangers/disguised-address",
    tries: "get past the check of the token by another spelling of the address",
    defence: tokens,
    harm: "secret read",
    async attack({ http }, scene) {
      for (const path of disguised) await http({ ...byRest(scene), path, headers: { authorization: "" } });
    },
  },
  {
    id: "strangers/preflight",
    tries: "have a browser be told that a foreign page may call",
    defence: pages,
    harm: "line crossed",
    async attack({ http }, { cross }) {
      const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
      const answer = await http({ method: "OPTIONS", path: "/mcp", headers });
      if (answer.headers["access-control-allow-origin"] !== undefined) cross(JSON.stringify(answer.headers));
    },
  },
  {
    id: "strangers/link",
    tries: "be taken for the runner of this machine",
    defence: "that runners come over a socket of the owner's account",
    harm: "line crossed",
    async attack({ http }, { cross }) {
      const headers = {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": btoa("0123456789abcdef"),
      };
      for (const path of ["/link", "/live", "/mcp", "/"]) {
        if ((await http({ path, headers })).status === 101) cross(path);
      }
    },
  },
  {
    id: "strangers/owners-routes",
    tries: "reach what only the owner may, over the port of clients",
    defence: "that the owner's routes are on a socket of the owner's account",
    harm: "line crossed",
    async attack({ http }, { cross, outside }) {
      const tried = [
        { method: "GET", path: "/approvals" },
        { method: "POST", path: "/approvals/apr_1", body: { answer: "allow_once" } },
        { method: "POST", path: "/roots", body: { path: outside, write: true } },
        { method: "POST", path: "/tokens", body: { name: "mine", toolset: "full" } },
        { method: "GET", path: "/content" },
        { method: "GET", path: "/policy" },
        { method: "POST", path: "/devices", body: {} },
        { method: "GET", path: "/audit?tail=5" },
      ];
      for (const request of tried) {
        for (const prefix of ["", "/api/v1"]) {
          const { status } = await http({ ...request, path: `${prefix}${request.path}` });
          if (status < 400) cross(`${request.path} said ${status}`);
        }
      }
    },
  },
  {
    id: "strangers/guessing",
    tries: "guess tokens without end",
    defence: "that failed tokens are counted",
    harm: "line crossed",
    async attack({ http }, { cross }) {
      for (let guess = 0; guess < 40; guess += 1) {
        const authorization = `Bearer pad_${String(guess).padStart(43, "x")}`;
        if ((await http({ path: "/api/v1/tools", headers: { authorization } })).status === 429) return;
      }
      cross("none of forty guesses was held up");
    },
  },
];
