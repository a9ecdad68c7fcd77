import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { needs } from "../../../../test/needs.ts";
import type { Kept } from "../checkpoints/checkpoints.ts";
import { pullErrand, pushErrand, wantsOf } from "./errand.ts";
import { type ExchangeParts, pull, push } from "./exchange.ts";
import { ownerIdentity } from "./identity.ts";
import { openRig, type Rig } from "./rig.fixture.ts";

const kept: Kept = { id: null, checkpoint: "off" };
const pushInput = (more = {}) => tools.git_push.input.parse(more);
const pullInput = (more = {}) => tools.git_pull.input.parse(more);
const failsWith = (code: string) => (error: unknown) => error instanceof PaddockError && error.code === code;

const partsOf = (rig: Rig): ExchangeParts => ({
  cages: rig.cages,
  identity: ownerIdentity(rig.cages, rig.ownerHome),
  folder: join(rig.home, "runner", "git"),
  ownerEnvironment: { HOME: rig.ownerHome },
});

/** Git's own server program behind HTTP, with a password. */
async function serve(folder: string, authorization: string) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    seen.push(pathname);
    if (request.headers.authorization !== authorization) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const cgi = spawn("git", ["http-backend"], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: pathname,
        QUERY_STRING: searchParams.toString(),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"],
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
        GIT_PROTOCOL: request.headers["git-protocol"] as string | undefined,
        REMOTE_USER: "me",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "safe.directory",
        GIT_CONFIG_VALUE_0: "*",
      },
    });
    request.pipe(cgi.stdin);
    const chunks: Buffer[] = [];
    cgi.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    cgi.stdout.on("end", () => {
      const whole = Buffer.concat(chunks);
      const end = whole.indexOf("\r\n\r\n");
      const headers = whole
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => line.split(": ") as [string, string]);
      const status = Number(headers.find(([name]) => name === "Status")?.[1].slice(0, 3) ?? 200);
      response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "Status")));
      response.end(whole.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function commit(rig: Rig, name: string, text: string): string {
  rig.put({ [name]: text });
  rig.git("add", "-A");
  rig.git("commit", "-m", `${name} ${text.trim()}`);
  return rig.git("rev-parse", "HEAD").trim();
}

test(
  "a remote beneath a root is reached inside the cage, without asking, and its hooks do not run",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig({ otherRoots: ["other"] });
    const parts = partsOf(rig);
    const remote = join(rig.base, "other", "remote.git");
    rig.git("init", "--bare", remote);
    writeFileSync(join(remote, "hooks", "pre-receive"), `#!/bin/sh\ntouch ${rig.base}/other/RAN\n`, { mode: 0o755 });
    rig.git("init");
    rig.git("remote", "add", "origin", remote);
    const head = commit(rig, "f", "1\n");
    const call = rig.call({ tool: "git_push" });
    assert.deepEqual(wantsOf(await pushErrand(parts, call, pushInput()), false), {});
    const { data } = await push(parts, call, kept, pushInput({ set_upstream: true }));
    assert.deepEqual([data.address, data.branch, data.hash, data.upstream_set], [remote, "main", head, true]);
    assert.equal(existsSync(join(rig.base, "other", "RAN")), false);
    assert.equal(rig.git("status", "-sb").trim(), "## main...origin/main");

    const elsewhere = join(rig.base, "elsewhere");
    rig.git("clone", remote, elsewhere);
    writeFileSync(join(elsewhere, "g"), "2\n");
    rig.git("-C", elsewhere, "add", "-A");
    rig.git("-C", elsewhere, "commit", "-m", "g");
    rig.git("-C", elsewhere, "push");
    const pulled = await pull(parts, call, kept, pullInput());
    assert.equal(pulled.data.head, rig.git("-C", elsewhere, "rev-parse", "HEAD").trim());
    assert.equal(readFileSync(join(rig.workspace, "g"), "utf8"), "2\n");
  },
);

test(
  "a network remote wants an ask, then runs outside with the owner's login and nothing of the workspace",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig();
    const parts = partsOf(rig);
    const served = join(rig.base, "served");
    mkdirSync(served);
    rig.git("init", "--bare", join(served, "a.git"));
    rig.git("-C", join(served, "a.git"), "config", "http.receivepack", "true");
    await using server = await serve(served, `Basic ${Buffer.from("me:s3cret").toString("base64")}`);
    const host = `127.0.0.1:${server.port}`;
    rig.git("config", "--global", "credential.helper", "store");
    writeFileSync(join(rig.ownerHome, ".git-credentials"), `http://me:s3cret@${host}\n`);
    rig.git("init");
    const head = commit(rig, "f", "1\n");
    rig.git("remote", "add", "origin", `http://${host}/a.git`);
    const bad = `touch ${join(rig.base, "RAN")}`;
    for (const key of [
      "credential.helper",
      "core.sshCommand",
      "core.askPass",
      "core.alternateRefsCommand",
      "http.proxy",
    ]) {
      rig.git("config", key, key === "http.proxy" ? "http://127.0.0.1:9" : `!${bad}`);
    }
    writeFileSync(join(rig.workspace, ".git", "hooks", "pre-push"), `#!/bin/sh\n${bad}\n`, { mode: 0o755 });

    const place = rig.call({ tool: "git_push" });
    const wants = wantsOf(await pushErrand(parts, place, pushInput()), false);
    assert.deepEqual(wants, {
      network: true,
      noCage: true,
      command: `git push http://${host}/a.git ${head}:refs/heads/main`,
      reason: `send main (${head.slice(0, 12)}) to http://${host}/a.git, the remote "origin"`,
    });
    assert.deepEqual(server.seen, [], "asking reaches nothing");
    await assert.rejects(push(parts, place, kept, pushInput()), failsWith("denied"));
    const call = rig.call({ tool: "git_push", granted: wants });
    assert.equal((await push(parts, call, kept, pushInput())).data.hash, head);
    assert.equal(rig.git("-C", join(served, "a.git"), "rev-parse", "main").trim(), head);
    assert.equal(rig.git("rev-parse", "origin/main").trim(), head);

    const next = commit(rig, "f", "2\n");
    await assert.rejects(
      push(parts, call, kept, pushInput()),
      failsWith("changed_meanwhile"),
      "another commit was asked about",
    );
    const bare = join(served, "a.git");
    rig.git("-C", bare, "fetch", rig.workspace, `+${next}:refs/heads/main`);
    rig.git("reset", "--hard", head);
    const ask = wantsOf(await pullErrand(parts, place, pullInput()), false);
    assert.deepEqual(
      [ask.command, ask.reason],
      [`git fetch http://${host}/a.git refs/heads/main`, `fetch main from http://${host}/a.git, the remote "origin"`],
    );
    const pulled = await pull(parts, rig.call({ tool: "git_pull", granted: ask }), kept, pullInput());
    assert.deepEqual([pulled.data.head, rig.git("rev-parse", "origin/main").trim()], [next, next]);
    assert.equal(readFileSync(join(rig.workspace, "f"), "utf8"), "2\n");
    assert.equal(existsSync(join(rig.base, "RAN")), false);
    assert.deepEqual(readdirSync(join(rig.home, "runner", "git")), []);
  },
);

test("a login in the address is used and shown to nobody", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const parts = partsOf(rig);
  const served = join(rig.base, "served");
  mkdirSync(served);
  rig.git("init", "--bare", join(served, "a.git"));
  rig.git("-C", join(served, "a.git"), "config", "http.receivepack", "true");
  await using server = await serve(served, `Basic ${Buffer.from("me:s3cret").toString("base64")}`);
  rig.git("init");
  commit(rig, "f", "1\n");
  rig.git("remote", "add", "origin", `http://me:s3cret@127.0.0.1:${server.port}/a.git`);
  const wants = wantsOf(await pushErrand(parts, rig.call(), pushInput()), false);
  assert.equal(JSON.stringify(wants).includes("s3cret"), false);
  const { data } = await push(parts, rig.call({ granted: wants }), kept, pushInput());
  assert.equal(JSON.stringify(data).includes("s3cret"), false);
  rig.git("remote", "set-url", "origin", `http://me:wr0ng@127.0.0.1:${server.port}/a.git`);
  commit(rig, "f", "2\n");
  const again = wantsOf(await pushErrand(parts, rig.call(), pushInput()), false);
  await assert.rejects(
    push(parts, rig.call({ granted: again }), kept, pushInput()),
    (error) => failsWith("git_failed")(error) && !(error as Error).message.includes("wr0ng"),
  );
});

test("a forced push overwrites only what this repository last saw", needs("bwrap", "git"), async () => {
  await using rig = await openRig({ otherRoots: ["other"] });
  const parts = partsOf(rig);
  const remote = join(rig.base, "other", "remote.git");
  rig.git("init", "--bare", remote);
  rig.git("init");
  rig.git("remote", "add", "origin", remote);
  const first = commit(rig, "f", "1\n");
  await push(parts, rig.call(), kept, pushInput());
  rig.git("commit", "--amend", "-m", "other words");
  await assert.rejects(push(parts, rig.call(), kept, pushInput()), failsWith("git_failed"));
  const { data } = await push(parts, rig.call(), kept, pushInput({ force: true }));
  assert.notEqual(data.hash, first);
  rig.git("-C", remote, "update-ref", "refs/heads/main", first);
  rig.git("commit", "--amend", "-m", "still other words");
  await assert.rejects(push(parts, rig.call(), kept, pushInput({ force: true })), failsWith("git_failed"));
});

test(
  "remotes outside of the roots and transports that run programs are refused before anything is asked",
  needs("bwrap", "git"),
  async () => {
    await using rig = await openRig();
    const parts = partsOf(rig);
    rig.git("init");
    commit(rig, "f", "1\n");
    rig.git("init", "--bare", join(rig.base, "outside.git"));
    const refused: [string, string][] = [
      ["../outside.git", "path_outside_roots"],
      [join(rig.base, "outside.git"), "path_outside_roots"],
      [`file://${rig.base}/outside.git`, "path_outside_roots"],
      [`ext::sh -c touch% ${rig.base}/RAN`, "git_failed"],
      ["git://127.0.0.1/x", "git_failed"],
      ["ssh://-oProxyCommand=x/y", "git_failed"],
    ];
    for (const [url, code] of refused) {
      rig.git("config", "remote.origin.url", url);
      await assert.rejects(pushErrand(parts, rig.call(), pushInput()), failsWith(code), url);
      await assert.rejects(pullErrand(parts, rig.call(), pullInput()), failsWith(code), url);
    }
  },
);

test("objects borrowed from outside of the roots never leave the machine", needs("bwrap", "git"), async () => {
  await using rig = await openRig();
  const parts = partsOf(rig);
  const outside = join(rig.base, "outside");
  mkdirSync(outside);
  rig.git("init", outside);
  rig.git("init");
  commit(rig, "f", "1\n");
  rig.git("remote", "add", "origin", "http://127.0.0.1:9/a.git");
  const wants = wantsOf(await pushErrand(parts, rig.call(), pushInput()), false);
  writeFileSync(join(rig.workspace, ".git", "objects", "info", "alternates"), `${outside}/.git/objects\n`);
  await assert.rejects(push(parts, rig.call({ granted: wants }), kept, pushInput()), failsWith("path_outside_roots"));
});
