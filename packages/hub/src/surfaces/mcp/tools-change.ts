/** When a machine's tool list becomes another one. */
import type { Machine } from "../../machines/machine.ts";

/** Bridging servers is what adds tools to a list; other news of a machine leave it as it is. Returns how to stop. */
export function whenToolsChange(machine: Machine, tell: () => void): () => void {
  let bridged = bridgedBy(machine);
  return machine.onChange(() => {
    const now = bridgedBy(machine);
    if (now === bridged) return;
    bridged = now;
    tell();
  });
}

const bridgedBy = ({ about }: Machine): string => JSON.stringify([about?.bridged ?? false, about?.bridgedTools ?? []]);
