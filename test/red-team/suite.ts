/** Tries rows of mechanisms against one world, and each of them against the stand-in as its control. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import type { AuditRecord } from "@paddock/contract";
import { needs } from "../needs.ts";
import { startWorld, type World } from "../world/world.ts";
import { type Agent, openAgent } from "./agent.ts";
import { openDoor } from "./door.ts";
import { openLyingHub } from "./lying-hub.ts";
import type { Mechanism } from "./mechanism.ts";
import { auditOf } from "./owner.ts";
import { setScene } from "./scene.ts";
import { openServices, type Services } from "./services.ts";
import { openStandIn } from "./stand-in.ts";

const required = needs("bwrap", "git", "perl");

type Settings = Readonly<Record<string, string>>;

export interface SuiteOptions {
  settings?: Settings;
  /** Where Paddock does not start with those, because the machine cannot hold them. */
  otherwise?: Settings;
  /** The attacker has taken over the hub of this machine. */
  asHub?: boolean;
  /** The attacker speaks to the way out of a cage, and answers for the names that are looked up there. */
  asCage?: boolean;
  /** What the owner has done before the attacks begin. */
  prepare?(world: World, services: Services): Promise<unknown>;
}

/** One world for all rows, which are tried one after the other. */
export function redTeam(
  rows: readonly Mechanism[],
  { settings = {}, otherwise, asHub = false, asCage = false, prepare }: SuiteOptions = {},
): void {
  const open = new AsyncDisposableStack();
  const mark = `canary${randomBytes(8).toString("hex")}`;
  let [world, agent]: [World?, Agent?] = [];
  const services: Partial<Record<"real" | "control", Services>> = {};

  const openAttacker = (at: World, around: Services | undefined) => {
    if (asCage && around) return openDoor(around, open);
    return asHub ? openLyingHub(at, open) : openAgent(at);
  };

  before(async () => {
    if (required.skip !== undefined) return;
    for (const side of ["real", "control"] as const) services[side] = open.use(await openServices(`${mark}-${side}`));
    const start = (more: Settings) => startWorld({ up: !asHub, settings: { ...services.real?.environment, ...more } });
    const started = start(settings);
    world = open.use(await (otherwise ? started.catch(() => start(otherwise)) : started));
    if (services.real) await prepare?.(world, services.real);
    agent = await openAttacker(world, services.real);
  });
  after(() => open.disposeAsync());

  for (const row of rows) {
    test(`${row.id}: somebody tries to ${row.tries}`, required, async () => {
      assert.ok(world && agent && services.real && services.control);
      await assertWorksWithout(row, mark, services.control);
      const scene = setScene(dirname(world.workspace), mark, "real", services.real);
      agent.enter(scene.here);
      await row.attack(agent, scene);
      if (!row.refusedAsInput) assert.doesNotMatch(agent.heard, meaningless);
      assert.deepEqual(await scene.harms(agent.heard), [], `${row.id} got past ${row.defence}: ${scene.crossed}`);
    });
  }

  test("the audit log has every call of the attacks, with what was decided and how it ended", required, async () => {
    assert.ok(world && agent);
    assert.deepEqual(unrecorded(agent.runs, auditOf(world, "runner")), []);
    assert.equal(JSON.parse(await world.paddock("audit", "verify", "--json")).ok, true);
  });
}

/** Answers that tell of an attack that was no attack. */
const meaningless = /"code":"(internal|unknown_tool|invalid_input)"/;

/** Many attacks are races. One that is lost on a busy machine is run again; one that is never won counts for nothing. */
const mostTries = 5;

async function assertWorksWithout(row: Mechanism, mark: string, services: Services): Promise<void> {
  let heard = "";
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const { harms, heard: said } = await attackStandIn(row, mark, services);
    if (harms.includes(row.harm)) return;
    heard = said;
  }
  assert.fail(`${row.id} does no harm without ${row.defence}: ${heard}`);
}

async function attackStandIn(row: Mechanism, mark: string, services: Services) {
  const folder = mkdtempSync(join(tmpdir(), "pp-"));
  try {
    const scene = setScene(folder, mark, "control", services);
    await using open = new AsyncDisposableStack();
    const standIn = openStandIn(scene, open, row.weakness);
    await (row.control ?? row.attack)(standIn, scene);
    return { harms: await scene.harms(standIn.heard), heard: standIn.heard };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs of which the log does not tell a decision and an end. */
function unrecorded(runs: readonly string[], records: readonly AuditRecord[]): string[] {
  const told = Map.groupBy(records, ({ run }) => run ?? "");
  return runs.filter((run) => {
    const of = told.get(run) ?? [];
    const isRefused = of.some(({ event, code }) => event === "call.refused" && code !== undefined);
    const isDecided = of.some(({ verdict }) => verdict !== undefined);
    const isEnded = of.some(({ event, state }) => event === "call.finished" && state !== undefined);
    return !isRefused && !(isDecided && isEnded);
  });
}
