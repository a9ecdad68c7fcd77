import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { reachBy, ruleOf, shownRule } from "./host-rules.ts";
import { openNetworkList } from "./network-list.ts";
import { packageManagerHosts } from "./package-managers.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paddock-network-")));
after(() => rmSync(folder, { recursive: true }));

const nothing = () => [];

test("a rule covers its own host and port, and names below it only with a star", () => {
  const rules = ["a.test", "b.test:8080", "*.c.test", "192.0.2.1"].map((text) => ruleOf(text, false));
  const reached = ["a.test:443", "a.test:80", "x.a.test:443", "xa.test:443", "b.test:8080", "b.test:443"].map(
    (text) => {
      const [host = "", port] = text.split(":");
      return reachBy(rules, { host, port: Number(port) }, "tunnel");
    },
  );
  assert.deepEqual(reached, ["public", null, null, null, "public", null]);
  const far = (host: string) => reachBy(rules, { host, port: 443 }, "tunnel");
  assert.deepEqual(
    [far("x.c.test"), far("y.x.c.test"), far("c.test"), far("xc.test"), far("192.0.2.1"), far("192.0.2.2")],
    ["public", "public", null, null, "named", null],
  );
  assert.equal(reachBy([ruleOf("d.test", true)], { host: "d.test", port: 80 }, "plain"), "internal");
});

test("what is no host is no rule", () => {
  for (const text of ["", "*", "*.", "*.1.2.3.4", "a/b", "http://a.test", "a.*.test", "a.test:0", "a b"]) {
    assert.throws(() => ruleOf(text, false), { code: "invalid_input" }, text);
  }
  assert.deepEqual(
    ["::1", "[::1]:80", "A.Test.:80"].map((text) => shownRule(ruleOf(text, false))),
    ["::1", "[::1]:80", "a.test:80"],
  );
});

test("the list is kept, asked for once, and what the settings say is not taken away", () => {
  const path = join(folder, "kept.json");
  let asked = 0;
  const found = () => {
    asked += 1;
    return [ruleOf("found.test", false)];
  };
  const list = openNetworkList({ path, settings: ["set.test"], found });
  list.allow("added.test:8080", true);
  list.remove("found.test");
  const again = openNetworkList({ path, settings: ["set.test"], found });
  assert.deepEqual(again.hosts, [
    { host: "added.test", port: 8080, internal: true, source: "owner" },
    { host: "set.test", port: null, internal: false, source: "settings" },
  ]);
  assert.equal(asked, 1);
  assert.throws(() => again.remove("set.test"), { code: "invalid_input" });
  assert.throws(() => again.remove("never.test"), { code: "not_found" });
});

test("a damaged list stops the start", () => {
  const path = join(folder, "damaged.json");
  writeFileSync(path, "{");
  assert.throws(() => openNetworkList({ path, settings: [], found: nothing }), { code: "invalid_config" });
});

test("hosts come from the owner's package managers, without any password and not from a workspace", () => {
  const home = join(folder, "home");
  const work = join(home, "work");
  const files = {
    ".npmrc":
      "registry=https://user:s3cret@npm.example/path/\n//npm.example/:_authToken=s3cret\nproxy=http://proxy.example:3128\n",
    ".config/pip/pip.conf":
      "[global]\nindex-url = https://pip.example/simple\nextra-index-url =\n    https://more.example:8443/simple\n",
    ".cargo/config.toml": '[registries.own]\nindex = "sparse+https://cargo.example/index/"\n',
    ".config/go/env": "GOPROXY=https://go.example,https://$HOST/x,direct\n",
    ".yarnrc.yml": 'npmRegistryServer: "https://yarn.example"\n',
    "work/.npmrc": "registry=https://evil.example\n",
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), content);
  }
  const environment = { PIP_INDEX_URL: "http://env.example:3141/root", npm_config_proxy: "http://proxy2.example" };
  const own = (ownerHome: string, workspaces: readonly string[]) =>
    packageManagerHosts({ ownerHome, environment, workspaces })
      .map(shownRule)
      .filter((host) => host.includes("example"));
  assert.deepEqual(own(home, [work]), [
    ...["npm.example", "yarn.example", "pip.example", "more.example:8443", "cargo.example", "go.example"],
    "env.example:3141",
  ]);
  assert.deepEqual(own(home, [home]), ["env.example:3141"]);
  const list = openNetworkList({
    path: join(folder, "taken.json"),
    settings: [],
    found: () => packageManagerHosts({ ownerHome: home, environment, workspaces: [] }),
  });
  assert.equal(
    list.hosts.some(({ source }) => source === "package managers"),
    true,
  );
  assert.doesNotMatch(readFileSync(join(folder, "taken.json"), "utf8"), /s3cret|proxy/);
});
