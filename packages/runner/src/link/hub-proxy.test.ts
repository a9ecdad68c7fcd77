import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { resolveConfig } from "@paddock/contract";
import { withHubProxy } from "./hub-proxy.ts";
import { proxyFor } from "./proxy.ts";

const hub = new URL("wss://hub.example/link");
const configWith = (file: string) => resolveConfig({ environment: {}, file: { hub_proxy_file: file } }).values;
const variables = { https_proxy: "http://other.example:1", NO_PROXY: "hub.example" };

test("the proxy of the settings counts before those of the environment, with its login; this machine needs none", () => {
  const home = mkdtempSync(join(tmpdir(), "paddock-proxy-"));
  try {
    writeFileSync(join(home, "proxy"), "http://walter:p%40ss@proxy.example:3128\n", { mode: 0o600 });
    const environment = withHubProxy(variables, configWith("proxy"), home);
    const proxy = proxyFor(hub, environment);
    const authorization = `Basic ${Buffer.from("walter:p@ss").toString("base64")}`;
    assert.deepEqual([proxy?.url.href, proxy?.authorization], ["http://proxy.example:3128/", authorization]);
    assert.equal(proxyFor(new URL("ws://127.0.0.1:7420/link"), environment), null);
    assert.equal(withHubProxy(variables, resolveConfig({ environment: {}, file: {} }).values, home), variables);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("a file that names no proxy, or that others can read, stops the start without its content being told", () => {
  const home = mkdtempSync(join(tmpdir(), "paddock-proxy-"));
  const refusalOf = (content: string, mode = 0o600): string => {
    const file = join(home, "proxy");
    rmSync(file, { force: true });
    writeFileSync(file, content, { mode });
    try {
      withHubProxy({}, configWith(file), home);
      return "none";
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
  };
  try {
    const bad = ["socks5://u:word-of-it@proxy.example:1", "http://u:word-of-it%@proxy.example", "word-of-it and more"];
    const said = [...bad.map((content) => refusalOf(content)), refusalOf("http://u:word-of-it@proxy.example", 0o644)];
    for (const words of said) assert.match(words, /^invalid_config .*hub_proxy_file/);
    assert.doesNotMatch(said.join(" "), /word-of-it/);
  } finally {
    rmSync(home, { recursive: true });
  }
});
