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
  /** Calls back with the instructions, and again whenever what they are made of has changed; returns how to stop. */
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

  return {
    files,
    instructions: async (roots, workspace) => instructionsText(workspace, await files(roots, workspace)),
    watch(roots, workspace, changed, failed) {
      let stamp = "";
      let told = "";
      let known: readonly MemoryFile[] = [];
      const stampNow = () => stampOf(roots(), workspace, options.ownerFile, known);
      const look = async () => {
        if ((await stampNow()) === stamp) return;
        known = await files(roots(), workspace);
        stamp = await stampNow();
        const text = instructionsText(workspace, known);
        if (told !== text) changed(text);
        told = text;
      };
      return repeat(look, failed);
    },
  };
}

/** Looks now and again and again, never twice at a time. Returns how to stop. */
function repeat(look: () => Promise<void>, failed: (error: unknown) => void): () => void {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const lookOn = async () => {
    await look().catch(failed);
    if (!stopped.signal.aborted) timer = setTimeout(lookOn, watchEveryMs).unref();
  };
  void lookOn();
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}

/** Sizes and times of the files that are known and of those that may come, a few system calls in all. */
async function stampOf(
  roots: Roots,
  workspace: string,
  ownerFile: string,
  known: readonly MemoryFile[],
): Promise<string> {
  const owner = statSync(ownerFile, { throwIfNoEntry: false });
  const marks = [`${owner?.size} ${owner?.mtimeMs}`];
  const paths = known.filter(({ source }) => source !== "owner").map(({ path }) => path);
  for (const path of new Set([...memoryNames, ...paths])) marks.push(await markOf(roots, workspace, path));
  const rules = placeOf(roots, rulesFolder, workspace);
  for (const { name, state } of rules ? await entriesOf(roots, rules) : []) {
    marks.push(`${name} ${state.size} ${state.modifiedMs}`);
  }
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
