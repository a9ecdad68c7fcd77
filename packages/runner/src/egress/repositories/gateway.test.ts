import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../../test/needs.ts";
import { makeCages } from "../../sandbox/cages.fixture.ts";
import { makeEgress, testCaller } from "../egress.fixture.ts";
import { makeGitHost } from "./git-host.fixture.ts";

const needed = needs("bwrap", "git", "openssl");
const kinds = [
  { kind: "bwrap", needed },
  { kind: "docker", needed: needs("docker", "git", "openssl") },
] as const;
const token = "s3cr3t-t0ken";
const names = { "git.test": ["127.0.0.1"] };

/** A git host with one repository that holds one commit, and a cage that may use it. */
async function makeScene({ push = false, kind = "bwrap" as "bwrap" | "docker" } = {}) {
  const host = await makeGitHost();
  const [at, place] = [await makeEgress({ names }), await makeCages(kind)];
  const own = (cwd: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", HOME: host.root },
    });
  for (const name of ["shop.git", "other.git"]) own(host.root, "init", "--quiet", "--bare", "-b", "main", name);
  own(host.root, "clone", "--quiet", "shop.git", "first");
  own(join(host.root, "first"), "commit", "--quiet", "--allow-empty", "-m", "first");
  own(join(host.root, "first"), "push", "--quiet", "origin", "HEAD:main");
  own(join(host.root, "shop.git"), "config", "http.receivepack", "true");
  const base = `https://git.test:${host.port}`;
  at.repositories.allow({ url: `${base}/shop`, push, internal: true, login: { user: "git", password: token } });
  return {
    ...{ host, at, base },
    run: (text: string) => place.script(`cd ${place.workspace}; ${text}`, { doorway: at.egress.doorFor(testCaller) }),
    log: () => own(join(host.root, "shop.git"), "log", "--format=%s", "main").trim().split("\n"),
    async answer(type: "allow_once" | "deny") {
      while (at.questions.list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const [question] = at.questions.list();
      const given = { channel: "cli", by: "owner", assurance: "local" } as const;
      await at.questions.answer({ id: question?.id ?? "", answer: { type }, ...given });
      return question;
    },
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]();
      await at[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}

const commit = "git -c user.name=Bot -c user.email=bot@example.org commit --quiet --allow-empty -m second";

for (const { kind, needed } of kinds) {
  test(`plain git in a cage of ${kind} fetches a fixed repository; its login is attached outside`, needed, async () => {
    await using scene = await makeScene({ kind });
    const { code, stdout, stderr } = await scene.run(
      `git clone --quiet ${scene.base}/shop.git && git -C shop log --format=%s; env; git config --list --show-origin`,
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^first\n/);
    assert.doesNotMatch(stdout, new RegExp(`${token}|${Buffer.from(`git:${token}`).toString("base64")}`));
    assert.deepEqual([...new Set(scene.host.seen.map(({ login }) => login))], [`git:${token}`]);
    assert.deepEqual(
      scene.at.records().map(({ event, detail }) => [event, detail?.host, detail?.way]),
      [
        ["network.allowed", `${scene.base}/shop`, "git"],
        ["network.used", `${scene.base}/shop`, "git"],
      ],
    );
  });

  test(
    `a push from a cage of ${kind} shows what it changes, and happens only when the owner says so`,
    needed,
    async () => {
      await using scene = await makeScene({ push: true, kind });
      const push = `git clone --quiet ${scene.base}/shop && cd shop && ${commit} && git push origin HEAD:main`;
      const denied = scene.run(push);
      const question = await scene.answer("deny");
      const command = question?.lines.find(({ label }) => label === "command")?.text ?? "";
      assert.match(
        command,
        new RegExp(`^git push ${scene.base}/shop '[0-9a-f]{12}\\.\\.[0-9a-f]{12}:refs/heads/main'$`),
      );
      assert.notEqual((await denied).code, 0);
      assert.deepEqual(scene.log(), ["first"]);
      const allowed = scene.run(`rm -rf shop; ${push}`);
      await scene.answer("allow_once");
      assert.equal((await allowed).code, 0);
      assert.deepEqual(scene.log(), ["second", "first"]);
    },
  );
}

test("what is not fixed is refused: another repository, a push, another way to the host", needed, async () => {
  await using scene = await makeScene();
  const { base, host } = scene;
  const attempts = [
    `git clone ${base}/other.git`,
    `git clone ${base}/shop/../other.git`,
    `git clone ${base}/sho%70.git`,
    `git clone --quiet ${base}/shop && cd shop && ${commit} && git push origin HEAD:main`,
    `git -c http.proxy=http://127.0.0.1:3128 -c url.x.insteadOf=y clone https://git.test:${host.port}/shop x`,
    `exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT git.test:${host.port} HTTP/1.1\\r\\n\\r\\n' >&3; read -r _ code _ <&3; [ $code = 200 ]`,
    `curl -sf 'http://127.0.0.1:3128/git/git.test:${host.port}/shop/HEAD'`,
    `curl -sf 'http://127.0.0.1:3128/git/git.test:${host.port}/shop/info/refs?service=git-upload-archive'`,
  ];
  const codes: (number | null)[] = [];
  for (const attempt of attempts) codes.push((await scene.run(attempt)).code === 0 ? 0 : 1);
  // The fifth is what the cage's git does anyway.
  assert.deepEqual(codes, [1, 1, 1, 1, 0, 1, 1, 1]);
  assert.deepEqual(scene.log(), ["first"]);
  assert.equal(
    scene.host.seen.some(({ url }) => !url.startsWith("/shop")),
    false,
  );
});

test("a redirect is not followed and not told, and no login goes with it", needed, async () => {
  await using scene = await makeScene();
  scene.at.repositories.allow({ url: `${scene.base}/moved`, push: false, internal: true, login: null });
  const { code, stderr } = await scene.run(`git clone ${scene.base}/moved`);
  assert.notEqual(code, 0);
  assert.doesNotMatch(stderr, /elsewhere/);
  assert.deepEqual(
    scene.host.seen.map(({ url, login }) => [url.split("/")[1], login]),
    [["moved", null]],
  );
});

test("a host whose certificate is not trusted gets no login", needed, async () => {
  await using scene = await makeScene();
  const { port } = scene.host;
  await using other = await makeEgress({ names: { "impostor.test": ["127.0.0.1"] } });
  const login = { user: "git", password: token };
  other.repositories.allow({ url: `https://impostor.test:${port}/shop`, push: false, internal: true, login });
  const answer = await other.say(
    `GET /git/impostor.test:${port}/shop/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: x\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 503/);
  assert.deepEqual(scene.host.seen, []);
});

test("the list keeps its logins to itself, and takes no address that is not plain", async () => {
  await using at = await makeEgress();
  const wish = { push: false, internal: false };
  at.repositories.allow({ ...wish, url: "https://git.test/me/shop.git", login: { user: "git", password: token } });
  at.repositories.allow({ ...wish, url: "https://GIT.test/me/shop/", push: true, login: null });
  assert.deepEqual(at.repositories.all, [
    {
      ...{ host: "git.test", port: 443, path: "me/shop", push: true, internal: false },
      login: { user: "git", password: token },
    },
  ]);
  const odd = [
    "http://git.test/a",
    "https://u:p@git.test/a",
    "https://git.test/",
    "https://git.test/a/../b",
    "https://git.test/a?b",
  ];
  odd.push("https://git.test/a%2e", "git@git.test:a", "https://git.test/a//b", "https://git.test/.git");
  for (const url of odd)
    assert.throws(() => at.repositories.allow({ ...wish, url, login: null }), { code: "invalid_input" }, url);
  assert.equal(statSync(join(at.folder, "repositories.json")).mode & 0o777, 0o600);
});
