/** A relay between a real machine and its hub that alters, drops, repeats, moves and replays what passes: it gets nothing executed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import type { Envelope } from "../world/callers.ts";
import { startHub, startMachine } from "../world/machine.ts";
import { directions, type Misdeed, openRelay, type Relay } from "../world/relay.ts";
import { until } from "../world/until.ts";

/** A side that misses a message finds out with the next one, which a sign of life is at the latest. */
const doneWithinMs = 90_000;

const altered = (message: Buffer): Buffer => {
  const copy = Buffer.from(message);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
};

const misdeeds = (relay: Relay) =>
  directions.flatMap((direction) => {
    const kinds: Record<string, Misdeed> = {
      altered: { takes: 1, does: (messages) => messages.map(altered) },
      dropped: { takes: 1, does: () => [] },
      repeated: { takes: 1, does: (messages) => [...messages, ...messages] },
      moved: { takes: 2, does: (messages) => messages.toReversed() },
      "from an earlier link": { takes: 1, does: (messages) => [...relay.seen[direction].slice(2), ...messages] },
    };
    return Object.entries(kinds).map(([kind, misdeed]) => ({ name: `${kind} ${direction}`, direction, misdeed }));
  });

test("whatever a relay does to the link, each call happens once, and nothing else does", {
  ...needs("bwrap"),
  timeout: 400_000,
}, async () => {
  await using hub = await startHub();
  await using relay = await openRelay(hub.address);
  await using machine = await startMachine(relay.address, await hub.invite());
  const { token } = JSON.parse(await hub.paddock("token", "create", "--name", "t", "--toolset", "full", "--json"));
  const call = async (key: string): Promise<Envelope | null> => {
    const headers = { authorization: `Bearer ${token}`, "idempotency-key": key };
    const body = JSON.stringify({ command: `echo '${key}' >> lines.txt` });
    const answer = await fetch(`${hub.address}/api/v1/tools/run_command`, { method: "POST", headers, body });
    return (await answer.json()) as Envelope;
  };
  const isDone = (key: string) => until(async () => (await call(key))?.data?.exit_code === 0, doneWithinMs);
  await isDone("before");
  const names = ["before"];
  for (const { name, direction, misdeed } of misdeeds(relay)) {
    const { connections } = relay;
    const done = relay.once(direction, misdeed);
    await isDone(name);
    await done;
    await until(() => relay.connections > connections, doneWithinMs);
    names.push(name);
  }
  await isDone("after");
  const lines = readFileSync(join(machine.workspace, "lines.txt"), "utf8").trimEnd().split("\n");
  assert.deepEqual(lines.toSorted(), [...names, "after"].toSorted());
});
