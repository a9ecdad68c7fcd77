/** Machines whose clocks are hours off, one behind and one ahead: what happens, and when, is the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { type Hub, type Part, startHub, startMachine } from "../world/machine.ts";
import { until } from "../world/until.ts";

/** Shifts what every Node process of that machine takes for the time. */
function clockOff(hours: number): Record<string, string> {
  const ahead = hours * 3_600_000;
  const shift = `const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { super(...(given.length === 0 ? [Real.now() + ${ahead}] : given)); }
      static now() { return Real.now() + ${ahead}; }
    };`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` };
}

interface Listed {
  name: string;
  online: boolean;
  lastSeenAt: string;
}

const machinesOf = async (hub: Hub): Promise<Listed[]> => JSON.parse(await hub.paddock("machine", "list", "--json"));

test("clocks that are hours off change no deadline, no answer and no log", needs("bwrap"), async () => {
  await using hub = await startHub();
  await using behind = await startMachine(hub.address, await hub.invite("--name", "behind"), clockOff(-5));
  await using ahead = await startMachine(hub.address, await hub.invite("--name", "ahead"), clockOff(5));
  const machines: Record<string, Part> = { behind, ahead };
  await until(async () => (await machinesOf(hub)).filter(({ online }) => online).length === 2, 90_000);
  for (const [name, machine] of Object.entries(machines)) {
    const call = async (tool: string, input: object) => {
      const text = JSON.stringify({ machine: name, ...input });
      const { stdout } = await commandOf(hub)(["call", tool, "--input", text, "--json"]);
      return JSON.parse(stdout);
    };
    const { ok, data } = await call("run_command", { command: "echo here" });
    assert.deepEqual([ok, data.stdout], [true, "here\n"], name);
    const late = await call("run_command", { command: "sleep 600", timeout_seconds: 2 });
    assert.equal(late.data.timed_out, true, `${name}: ${JSON.stringify(late)}`);

    const asked = call("run_command", { command: "echo asked", needs: { confirm: true, reason: "a test" } });
    const waiting = async () => JSON.parse(await machine.paddock("approve", "--json")).questions ?? [];
    const [question] = await until(async () => ((await waiting()).length > 0 ? waiting() : null));
    await machine.paddock("approve", question.id);
    assert.equal((await asked).data.stdout, "asked\n", name);
  }
  for (const { name, lastSeenAt } of await machinesOf(hub))
    assert.ok(Math.abs(Date.now() - Date.parse(lastSeenAt)) < 3_600_000, `${name} was seen ${lastSeenAt}`);
  for (const part of [hub, behind, ahead])
    assert.equal((await commandOf(part)(["audit", "verify"])).exitCode, 0, part.home);
});
