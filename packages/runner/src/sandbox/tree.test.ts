import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { needs } from "../../../../test/needs.ts";
import { until } from "../../../../test/world/until.ts";
import { membersOfEnvironment } from "../processes/process-table.ts";
import { spawnProgram } from "../processes/spawn.ts";
import { makeCages, type TestCages, testLimits } from "./cages.fixture.ts";

const withBwrap = needs("bwrap");
const stubborn = `trap "" TERM INT HUP; (setsid bash -c 'trap "" TERM; echo deep; sleep 300' &); sleep 300 & sleep 300`;

/** Starts a tree that ignores SIGTERM and has left its session, and waits until all of it is there. */
async function startStubborn(place: TestCages) {
  const caged = await place.cages.start(place.spec({ argv: ["/bin/bash", "-c", stubborn] }));
  await once(caged.stdout, "data");
  // It says so before its last programs have begun.
  while (caged.members().length < 3) await delay(20);
  return caged;
}

for (const kind of ["bwrap", "docker", "none"] as const) {
  const withKind = kind === "docker" ? needs("docker") : withBwrap;
  test(
    `${kind}: kill ends the whole tree, also what ignores SIGTERM and has a session of its own`,
    withKind,
    async () => {
      await using place = await makeCages(kind);
      const caged = await startStubborn(place);
      await caged.kill(50);
      assert.deepEqual(caged.members(), []);
    },
  );

  test(`${kind}: when the program ends, nothing that it started lives on`, withKind, async () => {
    await using place = await makeCages(kind);
    const caged = await place.cages.start(place.spec({ argv: ["/bin/bash", "-c", "(setsid sleep 300 &) ; exit 3"] }));
    assert.deepEqual(await caged.exited, { code: 3, signal: null });
    await caged.kill(0);
    assert.deepEqual(caged.members(), []);
  });
}

test("of a cage that is ended while it starts, nothing is left", withBwrap, async () => {
  await using place = await makeCages();
  const holders = () => readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && holds(pid, place.workspace));
  for (let round = 0; round < 30; round += 1) {
    const caged = await place.cages.start(place.spec({ argv: ["/bin/bash", "-c", "sleep 300"] }));
    await delay(round % 10);
    caged.destroy();
    await caged.exited;
  }
  await until(() => holders().length === 0);
});

/** Whether a process of ours, other than this one, has something open below the folder. */
function holds(pid: string, folder: string): boolean {
  try {
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    return Number(pid) !== process.pid && open.some((path) => path.startsWith(folder));
  } catch {
    return false;
  }
}

test("a cage dies with the process that started it, also when that is killed", withBwrap, async () => {
  const open = JSON.stringify(join(import.meta.dirname, "cages.fixture.ts"));
  const script = `
    const { makeCages } = await import(${open});
    for (const kind of ["bwrap", "none"]) {
      const place = await makeCages(kind);
      const caged = await place.cages.start(place.spec({ argv: ["/bin/bash", "-c", "(setsid sleep 300 &) ; sleep 300"], env: { MARK: process.argv[1] } }));
      while (caged.members().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log("ready");
    setInterval(() => {}, 1000);`;
  const mark = `paddock-test-${process.pid}-${Date.now()}`;
  const starter = spawnProgram({
    argv: [process.execPath, "--input-type=module", "-e", script, mark],
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" },
    stdio: ["ignore", "pipe", 2],
  });
  if (starter.stdout) await once(starter.stdout, "data");
  const members = () => membersOfEnvironment(`MARK=${mark}`);
  assert.ok(members().length >= 4);
  starter.kill("SIGKILL");
  for (let waited = 0; members().length > 0 && waited < 10_000; waited += 50) await delay(50);
  assert.deepEqual(members(), []);
});

test("a program that forks without end stays within its limit and is ended", withBwrap, async (context) => {
  await using place = await makeCages();
  if (place.cages.proof.pids !== "cage") return context.diagnostic("this machine bounds no number of processes");
  const caged = await place.cages.start(place.spec({ argv: ["/bin/bash", "-c", "f() { f | f & }; f; sleep 300"] }));
  await once(caged.stderr, "data");
  assert.ok(caged.members().length <= testLimits.pids);
  await caged.kill(0);
  assert.deepEqual(caged.members(), []);
});

test("memory is bounded, for the whole cage where the machine can, else for each process", withBwrap, async () => {
  await using place = await makeCages();
  const { code } = await place.script("head -c 1000M /dev/zero | tail -c 900M >/dev/null; exit $?");
  assert.notEqual(code, 0);
});

test("the time of the processors is bounded for all programs of a cage together", withBwrap, async (context) => {
  await using place = await makeCages();
  if (place.cages.proof.cpus !== "cage") return context.diagnostic("this machine bounds no processor time");
  const script = "for n in 1 2; do while :; do :; done & done; sleep 1; kill %1 %2; wait; times | tail -1";
  const { stdout } = await place.script(script, { limits: { cpus: 0.1 } });
  const [user = 0, system = 0] = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  assert.ok(user + system < 0.6, stdout);
});

test("files and /tmp are bounded", withBwrap, async () => {
  await using place = await makeCages();
  assert.notEqual((await place.script("head -c 20M /dev/zero >big")).code, 0);
  assert.notEqual((await place.script("head -c 10M /dev/zero >/tmp/big")).code, 0);
});

test("output beyond the bound is dropped and said to be", withBwrap, async () => {
  await using place = await makeCages();
  const finished = await place.cages.run(place.spec({ argv: ["seq", "100000"] }), { maxBytes: 10, timeoutMs: 5_000 });
  assert.deepEqual(
    { ...finished, stdout: finished.stdout.toString(), stderr: "" },
    {
      code: 0,
      signal: null,
      stdout: "1\n2\n3\n4\n5\n",
      stderr: "",
      truncated: true,
      timedOut: false,
    },
  );
});

test("a program beyond its time is ended and said to be", withBwrap, async () => {
  await using place = await makeCages();
  const { timedOut } = await place.cages.run(place.spec({ argv: ["sleep", "300"] }), { maxBytes: 10, timeoutMs: 100 });
  assert.equal(timedOut, true);
});
