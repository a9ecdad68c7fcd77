/** The contents of a plan's targets, one at a time, wherever they are kept. */
import type { Plan, PlanParts, Target } from "./plan.ts";

export type WithContent = { target: Target; content: Buffer | null };

/** Targets in the given order. `content` is null for those without any, and for one that is missing or damaged. */
export async function* withContents(
  { store }: Pick<PlanParts, "store">,
  { trees }: Plan,
  targets: readonly Target[],
): AsyncGenerator<WithContent> {
  const oids = targets.flatMap((target) => ("source" in target && "oid" in target.source ? [target.source.oid] : []));
  const objects = trees.contents(oids);
  try {
    for (const target of targets) {
      if (!("source" in target)) yield { target, content: null };
      else if ("hash" in target.source) yield { target, content: store.content(target.source.hash) };
      else yield { target, content: (await objects.next()).value ?? null };
    }
  } finally {
    await objects.return(undefined);
  }
}
