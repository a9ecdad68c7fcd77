/** When lists of tools become others. */
import type { ShownMachines } from "../../machines/machine.ts";

/**
 * Bridging servers adds tools to a list, and a second machine a field to each of them; other news of machines leave lists as
 * they are. Returns how to stop.
 */
export function whenToolsChange(machines: ShownMachines, tell: () => void): () => void {
  let before = whatCounts(machines);
  return machines.onChange(() => {
    const now = whatCounts(machines);
    if (now === before) return;
    before = now;
    tell();
  });
}

const whatCounts = (machines: ShownMachines): string =>
  JSON.stringify(
    machines
      .list()
      .filter(({ disabled }) => !disabled)
      .map(({ id, about }) => [id, about?.bridged ?? false, about?.bridgedTools ?? []]),
  );
