import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { createServer as createSocketServer } from "node:net";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { makeCages } from "../sandbox/cages.fixture.ts";
import { type EgressOptions, makeEgress, testCaller } from "./egress.fixture.ts";

/** Without control groups each process is bounded by itself, and Node reserves more than it uses. */
const limits = { memoryBytes: 4 * 1024 ** 3 };
const names = { "files.test": ["127.0.0.1"] };

async function makeSite() {
  const server: Server = createServer((request, response) => response.end(`${request.method} ${request.url}\n`));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function makeScene(options: (port: number) => EgressOptions) {
  const site = await makeSite();
  const [at, place] = [await makeEgress(options(site.port)), await makeCages()];
  return {
    ...{ at, site: `http://files.test:${site.port}`, port: site.port },
    /** Runs a script in a cage with the way out, or another one. */
    run: (text: string, doorway = at.egress.doorFor(testCaller)) => place.script(text, { doorway, limits }),
    async [Symbol.asyncDispose]() {
      site[Symbol.dispose]();
      await place[Symbol.asyncDispose]();
      await at[Symbol.asyncDispose]();
    },
  };
}

const listed = (port: number): EgressOptions => ({ internal: [`files.test:${port}`], names });

test("curl and Node's fetch reach a listed host from a cage, and no other", needs("bwrap", "curl"), async () => {
  await using scene = await makeScene(listed);
  const { site } = scene;
  const { stdout } = await scene.run(
    [
      `curl -sS ${site}/plain`,
      `curl -sS --proxytunnel ${site}/tunnel`,
      `/run/node -e 'fetch("${site}/fetch").then(async (a) => process.stdout.write(await a.text()))'`,
      "curl -s -o /dev/null -w '%{http_code}\\n' http://10.0.0.1/",
      "curl -s -o /dev/null -w '%{http_connect}\\n' https://169.254.169.254/",
    ].join("\n"),
  );
  assert.equal(stdout, "GET /plain\nGET /tunnel\nGET /fetch\n403\n403\n");
});

test("nothing stays in a cage of what opened its way out", needs("bwrap"), async () => {
  await using scene = await makeScene(listed);
  const { stdout } = await scene.run(
    "for n in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && echo $n; done; env | grep -c NODE_CHANNEL_FD; cat /proc/[0-9]*/comm | grep -c node",
  );
  assert.equal(stdout, "0\n0\n");
});

test("without a way out a cage reaches nothing, not even its port", needs("bwrap"), async () => {
  await using scene = await makeScene(listed);
  const { code, stdout } = await scene.run("env | grep -i proxy; exec 3<>/dev/tcp/127.0.0.1/3128", null);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
});

test(
  "a cage with a way out has no name service, no host's loopback and no host's sockets",
  needs("bwrap"),
  async () => {
    await using scene = await makeScene(listed);
    const abstract = createSocketServer().listen(`\0paddock-egress-${process.pid}`);
    const { stdout } = await scene.run(
      [
        `(exec 3<>/dev/tcp/127.0.0.1/${scene.port}) 2>/dev/null && echo loopback`,
        "getent hosts files.test && echo name",
        `grep -c paddock-egress /proc/net/unix`,
        "tail -n +2 /proc/net/route | wc -l",
        "(exec 3<>/dev/udp/10.255.255.53/53) 2>/dev/null && echo udp",
      ].join("\n"),
    );
    abstract.close();
    assert.equal(stdout, "0\n0\n");
  },
);

test("what a cage's programs did is told of its own caller", needs("bwrap", "curl"), async () => {
  await using scene = await makeScene(listed);
  await scene.run(`curl -sS ${scene.site}/`);
  assert.deepEqual(
    scene.at.records().map(({ event }) => event),
    ["network.allowed", "network.used"],
  );
});
