/** The end of a grant is the end of what it left running. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { rest } from "../world/callers.ts";
import { commandLines, until } from "../world/until.ts";
import { startWorld } from "../world/world.ts";

test("a revoked token is refused at once, and its shell, processes and private home end", needs("bwrap"), async () => {
  await using world = await startWorld();
  await using agent = await rest(world);
  await using other = await rest(world);
  const [mine, kept] = ["sleep 4711", "sleep 4712"];
  const runs = (command: string) => commandLines().some((line) => line.trim() === command);
  assert.equal((await agent.call("start_process", { command: mine })).ok, true);
  assert.equal((await other.call("start_process", { command: kept })).ok, true);
  await until(() => runs(mine) && runs(kept));
  const homes = () => readdirSync(join(world.home, "runner", "homes"));
  const before = homes().length;
  const [first] = JSON.parse(await world.paddock("token", "list", "--json")).toSorted(
    (a: { createdAt: string }, b: { createdAt: string }) => (a.createdAt < b.createdAt ? -1 : 1),
  );
  await world.paddock("token", "revoke", first.id);
  const refused = (await agent.call("agent_status")) as unknown as { error: { code: string } };
  assert.equal(refused.error.code, "unauthorized");
  await until(() => !runs(mine));
  assert.equal(runs(kept), true);
  await until(() => homes().length < before);
  assert.equal((await other.call("agent_status")).ok, true);
});
