import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../../test/needs.ts";
import { makeEgress, testCaller } from "../../egress/egress.fixture.ts";
import type { Caged } from "../cage.ts";
import { makeCages, type TestCages, testDocker } from "../cages.fixture.ts";
import { Engine } from "./engine.ts";
import { openPorter } from "./porter.ts";

const withDocker = needs("docker");
const engine = new Engine(testDocker.socket);

/** A site on loopback, a way out that lists it, and containers. */
async function makeScene() {
  const site = createServer((request, response) => response.end(`${request.method} ${request.url}\n`));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const { port } = site.address() as { port: number };
  const at = await makeEgress({ internal: [`files.test:${port}`], names: { "files.test": ["127.0.0.1"] } });
  const place = await makeCages("docker");
  const doorway = () => at.egress.doorFor(testCaller);
  return {
    ...{ at, place, port, doorway },
    run: (text: string) => place.script(`${ask}\n${text}`, { doorway: doorway() }),
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]();
      await at[Symbol.asyncDispose]();
      site.close();
      site.closeAllConnections();
    },
  };
}

/** The image has no HTTP client but bash. */
const ask = `ask() { local host=\${1#*://}; exec 3<>/dev/tcp/127.0.0.1/3128
  printf '%s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' "$1" "\${host%%/*}" >&3; tr -d '\\r' <&3 | sed -n "$2"; }`;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; !(await isSo()); waitedMs += 20) {
    assert.ok(waitedMs < 60_000, "it does not come to be");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** All containers of this installation, cages and porters. */
const containersOf = ({ home }: TestCages) =>
  engine.labelled(`paddock.installation=${createHash("sha256").update(home).digest("hex").slice(0, 24)}`);

/** Process id of the only one. */
async function porterOf(place: TestCages): Promise<number | undefined> {
  const pids = await Promise.all((await containersOf(place)).map((id) => engine.pid(id)));
  return pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("paddock-porter"));
}

test("a container reaches what is listed, asks about another host, and nothing leads inside", withDocker, async () => {
  await using scene = await makeScene();
  const { at, port } = scene;
  const running = scene.run(
    `ask 'GET http://files.test:${port}/plain' '$p'; ask 'CONNECT new.test:443' 1p; ask 'GET http://10.0.0.1/' 1p
    ask 'CONNECT 169.254.169.254:443' 1p; ask 'GET http://[::1]:${port}/' 1p`,
  );
  await until(() => at.questions.list().length > 0);
  const [question] = at.questions.list();
  const given = { channel: "cli", by: "owner", assurance: "local" } as const;
  await at.questions.answer({ id: question?.id ?? "", answer: { type: "deny" }, ...given });
  const { stdout } = await running;
  assert.deepEqual(stdout.trim().split("\n"), [
    "GET /plain",
    "HTTP/1.1 403 approval_denied",
    "HTTP/1.1 403 Forbidden",
    "HTTP/1.1 403 denied",
    "HTTP/1.1 403 Forbidden",
  ]);
  const told = at.records().filter(({ event }) => ["network.allowed", "network.refused"].includes(event));
  assert.deepEqual(
    told.map(({ event, detail }) => [event, detail?.host]),
    [
      ["network.allowed", `files.test:${port}`],
      ["network.refused", "new.test:443"],
      ["network.refused", "10.0.0.1:80"],
      ["network.refused", "169.254.169.254:443"],
      ["network.refused", `[::1]:${port}`],
    ],
  );
});

test("but for its one port a container with a way out has the network of one without", withDocker, async () => {
  await using scene = await makeScene();
  await using _abstract = createSocketServer().listen(`\0paddock-porter-${process.pid}`);
  const { stdout } = await scene.run(
    `(exec 3<>/dev/tcp/127.0.0.1/${scene.port}) 2>/dev/null && echo loopback
    grep -c paddock-porter /proc/net/unix; grep -vc -e '|' -e ' lo:' /proc/net/dev; cat /proc/net/route | wc -l
    (exec 3<>/dev/udp/10.255.255.53/53) 2>/dev/null && echo udp; env | grep -i ^https_proxy | sort`,
  );
  const address = "http://127.0.0.1:3128";
  assert.deepEqual(stdout.trim().split("\n"), ["0", "0", "1", `HTTPS_PROXY=${address}`, `https_proxy=${address}`]);
});

test("a container that is given no way out has no port either", withDocker, async () => {
  await using place = await makeCages("docker");
  const { code, stdout } = await place.script("env | grep -i proxy; exec 3<>/dev/tcp/127.0.0.1/3128");
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
});

test("who stands at the door is out of reach from inside, and holds no more rights", withDocker, async () => {
  await using scene = await makeScene();
  const { place } = scene;
  const argv = [
    "/bin/bash",
    "-c",
    "for f in /proc/[0-9]*/comm; do read -r name <$f; echo $name; done; ls -A /run; echo; sleep 300",
  ];
  const caged: Caged = await place.cages.start(place.spec({ argv, doorway: scene.doorway() }));
  await using _ended = { [Symbol.asyncDispose]: () => caged.kill(0) };
  const seen = await new Promise<string>((resolve) => {
    let text = "";
    caged.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes("\n\n")) resolve(text);
    });
  });
  assert.match(seen, /^(docker-init|tini)\nbash\nhome\n\n$/);
  const status = readFileSync(`/proc/${await porterOf(place)}/status`, "utf8");
  const rights = status.match(/^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):\t\w+/gm);
  const uid = process.getuid?.();
  const none = "0".repeat(16);
  assert.deepEqual(rights, [`Uid:\t${uid}`, `CapEff:\t${none}`, `CapBnd:\t${none}`, "NoNewPrivs:\t1", "Seccomp:\t2"]);
  await caged.kill(0);
  await until(async () => (await containersOf(place)).length === 0);
  assert.deepEqual(readdirSync(join(place.home, "runner", "docker")).toSorted(), ["etc", "unreadable"]);
});

test("what the other side has to say still comes after one side has said all", withDocker, async () => {
  await using scene = await makeScene();
  const { stdout } = await scene.place.script(
    "exec 3<>/dev/tcp/127.0.0.1/3128; head -c 300000 /dev/zero >&3; wc -c <&3",
    { doorway: echo() },
  );
  assert.equal(stdout, "300000\n");
});

/** Sends back what it was sent, once 300,000 bytes have come. */
const echo = () => ({
  env: {},
  accept(connection: Socket) {
    const pieces: Buffer[] = [];
    let bytes = 0;
    connection.on("data", (piece: Buffer) => {
      bytes += pieces.push(piece) && piece.length;
      if (bytes === 300_000) connection.end(Buffer.concat(pieces));
    });
  },
  lost: () => undefined,
  close: () => undefined,
});

test("a doorway is told when the one at the door has died, and its container goes on", withDocker, async () => {
  await using place = await makeCages("docker");
  const { promise: isLost, resolve: lost } = Promise.withResolvers<void>();
  const doorway = { ...echo(), lost };
  const caged = await place.cages.start(place.spec({ argv: ["sleep", "300"], doorway }));
  await using _ended = { [Symbol.asyncDispose]: () => caged.kill(0) };
  const isPorter = async (id: string) => (await engine.pid(id)) === (await porterOf(place));
  for (const id of await containersOf(place)) if (await isPorter(id)) await engine.kill(id);
  await isLost;
  assert.equal(caged.members().length, 1);
});

/** Says only after a while that a container has started. */
class LateEngine extends Engine {
  override async start(name: string): Promise<void> {
    await super.start(name);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

test("who stands at the door is heard before the engine has said that it started", withDocker, async () => {
  await using place = await makeCages("docker");
  const caged = await place.cages.start(place.spec({ argv: ["/bin/bash", "-c", "sleep 300"] }));
  const [cage = ""] = await containersOf(place);
  const parts = {
    ...{ engine: new LateEngine(testDocker.socket), image: testDocker.image, labels: {}, cage },
    ...{ folder: join(place.home, "runner", "docker"), mark: { name: "A", value: "1" } },
  };
  const close = await openPorter(parts, echo());
  close();
  await caged.kill(0);
});

test("where nobody can stand at the door, no container is let go, and nothing is left", withDocker, async () => {
  await using place = await makeCages("docker");
  const folder = join(place.home, "runner", "docker");
  const parts = {
    ...{ engine, image: testDocker.image, labels: {}, folder, cage: "paddock-nobody" },
    mark: { name: "A", value: "1" },
  };
  await assert.rejects(openPorter(parts, echo()), { code: "sandbox_unavailable" });
  assert.deepEqual(readdirSync(folder).toSorted(), ["etc", "unreadable"]);
});
