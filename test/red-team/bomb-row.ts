/** Rows of callers who take more than their share. After each, another caller must be served as usual. */
import type { Attacker, Mechanism } from "./mechanism.ts";
import type { Scene } from "./scene.ts";

/** Settings of the world in which these are tried; each attack wants more. */
export const smallLimits = {
  PADDOCK_TMP_BYTES: String(8 * 1024 * 1024),
  PADDOCK_MAX_FILE_BYTES: String(16 * 1024 * 1024),
  PADDOCK_MAX_OPEN_FILES: "256",
  PADDOCK_MAX_PROCESSES: "4",
};

/** Where this account may make control groups; elsewhere Paddock would not start with these, and says what it cannot hold. */
export const smallLimitsOfCages = {
  ...smallLimits,
  PADDOCK_MAX_PIDS: "64",
  PADDOCK_MEMORY_BYTES: String(128 * 1024 * 1024),
};

/** Far above what a busy machine takes, far below what the attack wants. */
export const patienceMs = 20_000;

export type Attack = (attacker: Attacker, scene: Scene) => Promise<unknown>;
type More = Partial<Pick<Mechanism, "control" | "weakness" | "refusedAsInput">>;

/** After the attack another caller makes a call, which must be answered as usual. */
export const bombRow = (id: string, tries: string, defence: string, attack: Attack, more: More = {}): Mechanism => ({
  id: `bombs/${id}`,
  tries,
  defence,
  harm: "line crossed",
  async attack(attacker, scene) {
    await attack(attacker, scene);
    const begunAt = Date.now();
    const said = await (await attacker.another()).sh("echo served");
    const tookMs = Date.now() - begunAt;
    if (said.trim() !== "served" || tookMs > patienceMs) scene.cross(`another caller heard ${said} after ${tookMs} ms`);
  },
  ...more,
});
