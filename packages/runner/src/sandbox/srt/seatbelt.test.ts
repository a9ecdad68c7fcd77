import assert from "node:assert/strict";
import { test } from "node:test";
import { wrapCommandWithSandboxMacOS } from "@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js";
import type { CageSpec } from "../cage.ts";
import { testLimits } from "../cages.fixture.ts";
import { checkSaid, openSrt } from "./open-srt.ts";
import { type SeatbeltGround, seatbeltOf } from "./seatbelt.ts";

const ground: SeatbeltGround = {
  paddockHome: "/Users/me/.paddock",
  ownerHome: "/Users/me",
  privateHome: "/Users/me/.paddock/runner/homes/h",
  toolchains: { folders: ["/Users/me/.cargo/bin"] },
  hidden: [
    { path: "/Users/me/shop/.env", type: "file" },
    { path: "/Users/me/.ssh", type: "directory" },
  ],
  port: 4000,
};
const spec: CageSpec = {
  argv: ["/bin/bash", "-c", "echo 'it''s'"],
  cwd: "/Users/me/shop",
  profile: "workspace",
  domain: "tok\n/Users/me/shop\nworkspace",
  roots: [
    { path: "/Users/me/shop", write: true },
    { path: "/Users/me/shop/vendor", write: false },
  ],
  mounts: [{ path: "/Users/me/.paddock/lanes", write: false }],
};

test("a cage of macOS is told exactly this", () => {
  const { command, ...rest } = seatbeltOf(spec, testLimits, ground);
  assert.equal(
    command.replace(/^.*; export/, "export"),
    "export TMPDIR='/Users/me/.paddock/runner/homes/h/tmp'; exec '/bin/bash' '-c' 'echo '\\''it'\\'''\\''s'\\'''",
  );
  assert.deepEqual(rest, {
    ...{ commandId: "paddock", binShell: "/bin/bash", needsNetworkRestriction: true, httpProxyPort: 4000 },
    ...{ unsetEnvVars: ["JAVA_TOOL_OPTIONS"], allowGitConfig: false, allowPty: false },
    readConfig: {
      denyOnly: [],
      literalDenyOnly: [
        ...["/Users/me/.paddock", "/Users/me", "/Users", "/Volumes"],
        ...["/private/tmp", "/private/var/tmp", "/private/var/folders", "/Users/me/shop/.env", "/Users/me/.ssh"],
      ],
      literalAllowWithinDeny: [
        ...["/Users/me/shop", "/Users/me/shop/vendor", "/Users/me/.paddock/lanes"],
        ...["/Users/me/.paddock/runner/homes/h", "/Users/me/.cargo/bin"],
      ],
    },
    writeConfig: {
      ...{ allowOnly: [], denyWithinAllow: [] },
      literalAllowOnly: ["/Users/me/shop", "/Users/me/.paddock/runner/homes/h"],
      literalDenyWithinAllow: [
        ...["config", "config.worktree", "hooks", "commondir"].map((name) => `/Users/me/shop/.git/${name}`),
        ...["/Users/me/shop/vendor", "/Users/me/shop/.env", "/Users/me/.ssh"],
      ],
    },
  });
});

test("a cage for reading writes nowhere but at home, and without a way out no network is left", () => {
  const { writeConfig, httpProxyPort } = seatbeltOf({ ...spec, profile: "readonly" }, testLimits, {
    ...ground,
    port: null,
  });
  assert.deepEqual([writeConfig?.literalAllowOnly, httpProxyPort], [["/Users/me/.paddock/runner/homes/h"], undefined]);
});

test("profile open shows and changes everything but what is hidden and Paddock's own state", () => {
  const { readConfig, writeConfig } = seatbeltOf({ ...spec, profile: "open" }, testLimits, ground);
  const closed = ["/Users/me/shop/.env", "/Users/me/.ssh"];
  assert.deepEqual(readConfig?.literalDenyOnly, ["/Users/me/.paddock", ...closed]);
  assert.equal(writeConfig?.literalAllowOnly?.[0], "/");
  assert.deepEqual(writeConfig?.literalDenyWithinAllow?.slice(-3), [...closed, "/Users/me/.paddock"]);
});

test("the profile that becomes of it closes again what is narrower than a root, and leaves one port open", () => {
  const said = wrapCommandWithSandboxMacOS(seatbeltOf(spec, testLimits, ground));
  const network = said.slice(said.indexOf("; Network"), said.indexOf("; File read"));
  assert.deepEqual(network.match(/^\(allow.*$/gm), [
    '(allow network-bind (local ip "localhost:4000"))',
    '(allow network-inbound (local ip "localhost:4000"))',
    '(allow network-outbound (remote ip "localhost:4000"))',
  ]);
  const reading = said.slice(said.indexOf("; File read"), said.indexOf("; File write"));
  const orderOf = (path: string) => reading.lastIndexOf(`"${path}"`);
  assert.ok(orderOf("/Users/me/shop") > reading.indexOf('"/Users/me"'));
  assert.ok(reading.indexOf('"/Users/me/shop/.env"', orderOf("/Users/me/shop/vendor")) > 0);
  assert.match(said, /^env -u JAVA_TOOL_OPTIONS /);
  assert.doesNotMatch(said, /\(allow network\*\)/);
});

test("what only a mount could give is refused, not left out", () => {
  const mounts = [{ path: "/state/copy", at: "/Users/me/shop/deploy.sh", write: false }];
  assert.throws(() => seatbeltOf({ ...spec, mounts }, testLimits, ground), { code: "cannot_enforce" });
});

test("it does not start where it cannot divide callers, or is not meant to be", async () => {
  const options = {} as Parameters<typeof openSrt>[0];
  await assert.rejects(openSrt(options, "win32"), { code: "cannot_enforce", message: /reach each other's workspaces/ });
  await assert.rejects(openSrt(options, "linux"), { code: "sandbox_unavailable" });
});

test("a trial that says anything but that all of it holds stops the start", () => {
  checkSaid("contained\n", "");
  const refused = (stdout: string, stderr = "") => {
    assert.throws(() => checkSaid(stdout, stderr), { code: "sandbox_unavailable" });
  };
  refused("a hidden file can be read\ncontained\n");
  refused("");
  refused("", "sandbox-exec: not found");
});
