/** Kill -9 with two machines: whoever dies, each call happens once, is told truly, and the other machine does not notice. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { type Hub, type Part, startHub, startMachine } from "../world/machine.ts";
import { freePort, until } from "../world/until.ts";

const here = needs("bwrap");
const open = new AsyncDisposableStack();
const backWithinMs = 60_000;
let hub: Hub;
let alpha: Part;
let beta: Part;
let token: string;

before(async () => {
  if (here.skip) return;
  hub = open.use(await startHub({ PADDOCK_PORT: String(await freePort()) }));
  alpha = open.use(await startMachine(hub.address, await hub.invite("--name", "alpha")));
  beta = open.use(await startMachine(hub.address, await hub.invite("--name", "beta")));
  token = JSON.parse(await hub.paddock("token", "create", "--name", "t", "--toolset", "full", "--json")).token;
  await allOnline();
});
after(() => open.disposeAsync());

const allOnline = () =>
  until(async () => {
    const machines: { online: boolean }[] = JSON.parse(await hub.paddock("machine", "list", "--json"));
    return machines.every(({ online }) => online);
  }, backWithinMs);

/** Null when the hub was not there to answer. */
async function call(tool: string, input: object, key?: string): Promise<Envelope | null> {
  const headers = { authorization: `Bearer ${token}`, ...(key === undefined ? {} : { "idempotency-key": key }) };
  const body = JSON.stringify(input);
  try {
    const answer = await fetch(`${hub.address}/api/v1/tools/${tool}`, { method: "POST", headers, body });
    return (await answer.json()) as Envelope;
  } catch {
    return null;
  }
}

/** A command with one line as its side effect, which waits until it may end; and that call. */
function slowCall(on: "alpha" | "beta", name: string) {
  const at = (file: string) => join((on === "alpha" ? alpha : beta).workspace, `${name}-${file}`);
  const command = `echo line >> ${name}-lines; : > ${name}-begun; until [ -e ${name}-go ]; do sleep 0.1; done; echo done`;
  return {
    make: () => call("run_command", { machine: on, command }, `${name}-${on}`),
    begun: () => until(() => existsSync(at("begun")), backWithinMs),
    letEnd: () => writeFileSync(at("go"), ""),
    lines: () => readFileSync(at("lines"), "utf8"),
  };
}

const hasCode = async (code: string, again: () => Promise<Envelope | null>): Promise<Envelope> =>
  until(async () => {
    const answer = await again();
    return answer?.data?.code === code ? answer : null;
  }, backWithinMs);

const isDone = async (again: () => Promise<Envelope | null>): Promise<void> => {
  const { data } = await until(async () => {
    const answer = await again();
    return answer?.data?.exit_code === 0 ? answer : null;
  }, backWithinMs);
  assert.equal(data.stdout, "done\n");
};

test(
  "one runner is killed: its call is unknown and stays so, that of the other machine ends as if nothing was",
  here,
  async () => {
    const [lost, safe] = [slowCall("beta", "runner"), slowCall("alpha", "runner")];
    const [answer, other] = [lost.make(), safe.make()];
    await Promise.all([lost.begun(), safe.begun()]);
    await beta.restart("SIGKILL");
    assert.equal((await answer)?.data.code, "run_unknown");
    safe.letEnd();
    assert.deepEqual([(await other)?.ok, (await other)?.data.stdout], [true, "done\n"]);
    await allOnline();
    const again = await lost.make();
    assert.deepEqual([again?.ok, again?.data.code], [false, "run_unknown"]);
    assert.deepEqual([lost.lines(), safe.lines()], ["line\n", "line\n"]);
  },
);

test(
  "a runner that is killed while it writes a file leaves the old content or the new, and no third",
  here,
  async () => {
    const [before, next] = ["a".repeat(100), "b".repeat(8_000_000)];
    const file = join(beta.workspace, "written.txt");
    for (const pauseMs of [0, 20, 60]) {
      writeFileSync(file, before);
      const written = call("write_file", { machine: "beta", path: "written.txt", content: next });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await beta.restart("SIGKILL");
      const answer = await written;
      const content = readFileSync(file, "utf8");
      assert.ok(content === before || content === next, `${content.length} characters`);
      if (answer?.ok) assert.ok(content === next);
      await allOnline();
    }
  },
);

test("the hub is killed while both machines work: both results are kept, and each was made once", here, async () => {
  const calls = [slowCall("alpha", "hub"), slowCall("beta", "hub")];
  const unanswered = calls.map(({ make }) => make());
  await Promise.all(calls.map(({ begun }) => begun()));
  await hub.restart("SIGKILL");
  await Promise.all(unanswered);
  for (const { letEnd } of calls) letEnd();
  for (const { make, lines } of calls) {
    await isDone(make);
    assert.equal(lines(), "line\n");
  }
});

test(
  "hub and one runner are killed at once: that call is unknown, the other machine's has its result",
  here,
  async () => {
    const [lost, safe] = [slowCall("beta", "both"), slowCall("alpha", "both")];
    const unanswered = [lost.make(), safe.make()];
    await Promise.all([lost.begun(), safe.begun()]);
    await Promise.all([hub.restart("SIGKILL"), beta.restart("SIGKILL")]);
    await Promise.all(unanswered);
    safe.letEnd();
    await isDone(safe.make);
    assert.equal((await hasCode("run_unknown", lost.make)).ok, false);
    assert.deepEqual([lost.lines(), safe.lines()], ["line\n", "line\n"]);
  },
);
