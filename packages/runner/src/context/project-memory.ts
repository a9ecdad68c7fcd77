/** The memory of the workspaces of this machine: read afresh whenever it is wanted, watched for changes. */
import { statSync } from "node:fs";
import type { Roots } from "../files/roots.ts";
import { instructionsText } from "./instructions.ts";
import { loadMemory, type MemoryFile, type MemoryLimits, memoryNames } from "./memory.ts";
import { rulesFolder } from "./rules.ts";
import { isAbsence, placeOf } from "./text-head.ts";
import { entriesOf } from "./walk.ts";

export interface ProjectMemory {
  /** Under 4,000 bytes. */
  instructions(roots: Roots, workspace: string): Promise<string>;
  files(roots: Roots, workspace: string): Promise<MemoryFile[]>;
  /** Calls back with new instructions whenever what they are made of has changed; returns how to stop. */
  watch(
    roots: () => Roots,
    workspace: string,
    changed: (instructions: string) => void,
    failed: (error: unknown) => void,
  ): () => void;
}

const watchEveryMs = 2000;

export function openProjectMemory(options: MemoryLimits & { ownerFile: string }): ProjectMemory {
  const files = (roots: Roots, workspace: string) => loadMemory({ ...options, roots, workspace });
  const instructions = async (roots: Roots, workspace: string) =>
    instructionsText(workspace, await files(roots, workspace));

  return {
    files,
    instructions,
    watch(roots, workspace, changed, failed) {
      let stamp = "";
      let told: string | null = null;
      const look = async () => {
        const now = await stampOf(roots(), workspace, options.ownerFile);
        if (now === stamp) return;
        stamp = now;
        const text = await instructions(roots(), workspace);
        if (told !== null && told !== text) changed(text);
        told = text;
      };
      let timer: NodeJS.Timeout | null = null;
      const stopped = new AbortController();
      const lookOn = async () => {
        await look().catch(failed);
        if (!stopped.signal.aborted) timer = setTimeout(lookOn, watchEveryMs).unref();
      };
      void lookOn();
      return () => {
        stopped.abort();
        if (timer) clearTimeout(timer);
      };
    },
  };
}

/** Sizes and times of the files that can matter, a few system calls in all. An import alone is seen with its importer. */
async function stampOf(roots: Roots, workspace: string, ownerFile: string): Promise<string> {
  const owner = statSync(ownerFile, { throwIfNoEntry: false });
  const marks = [`${owner?.size} ${owner?.mtimeMs}`];
  for (const name of memoryNames) marks.push(await markOf(roots, workspace, name));
  const rules = placeOf(roots, rulesFolder, workspace);
  for (const { name, state } of rules ? await entriesOf(roots, rules) : [])
    marks.push(`${name} ${state.size} ${state.modifiedMs}`);
  return marks.join("\n");
}

async function markOf(roots: Roots, workspace: string, name: string): Promise<string> {
  const place = placeOf(roots, name, workspace);
  if (!place) return "";
  try {
    const state = await roots.stat(place);
    return `${state?.size} ${state?.modifiedMs}`;
  } catch (error) {
    if (isAbsence(error)) return "";
    throw error;
  }
}
