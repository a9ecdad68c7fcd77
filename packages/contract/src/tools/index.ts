/** Every tool there is, once. A runner without a handler for one of them does not compile. */
import type { Tool, ToolInput, ToolOutput } from "../tool.ts";
import { bridgeTools } from "./bridge.ts";
import { checkpointsTools } from "./checkpoints.ts";
import { contextTools } from "./context.ts";
import { filesTools } from "./files.ts";
import { gitTools } from "./git.ts";
import { notificationTools } from "./notifications.ts";
import { patchTools } from "./patch.ts";
import { processesTools } from "./processes.ts";
import { researchTools } from "./research.ts";
import { runsTools } from "./runs.ts";
import { searchTools } from "./search.ts";
import { sessionsTools } from "./sessions.ts";
import { shellTools } from "./shell.ts";
import { skillsTools } from "./skills.ts";
import { errandTools, transferTools } from "./transfer.ts";

export const tools = {
  ...contextTools,
  ...filesTools,
  ...searchTools,
  ...patchTools,
  ...shellTools,
  ...processesTools,
  ...sessionsTools,
  ...runsTools,
  ...gitTools,
  ...checkpointsTools,
  ...skillsTools,
  ...bridgeTools,
  ...notificationTools,
  ...researchTools,
  ...transferTools,
} as const;

export {
  bridgeTools,
  checkpointsTools,
  errandTools,
  gitTools,
  notificationTools,
  patchTools,
  processesTools,
  researchTools,
  sessionsTools,
  shellTools,
  skillsTools,
  transferTools,
};

export type ToolName = keyof typeof tools;
/** Answered by the hub itself; a runner has no handler for these. */
export type HubToolName = keyof typeof runsTools;
export type RunnerToolName = Exclude<ToolName, HubToolName> | keyof typeof errandTools;
/** Those that are no run: answered at once, with nothing kept of it. */
export type LookupToolName = Exclude<HubToolName, "batch">;
export const isHubToolName = (name: string): name is HubToolName => Object.hasOwn(runsTools, name);

/** Everything that a runner or the hub has code for. */
const all = { ...tools, ...errandTools } as const;
export type InputOf<N extends keyof typeof all> = ToolInput<(typeof all)[N]>;
export type OutputOf<N extends keyof typeof all> = ToolOutput<(typeof all)[N]>;

const byName: ReadonlyMap<string, Tool> = new Map(Object.entries(tools));
const byNameInRunners: ReadonlyMap<string, Tool> = new Map(
  Object.entries(all).filter(([name]) => !isHubToolName(name)),
);
export const findTool = (name: string): Tool | undefined => byName.get(name);
/** What a runner can be asked for, errands of the hub included. */
export const findRunnerTool = (name: string): Tool | undefined => byNameInRunners.get(name);
export const isToolName = (name: string): name is ToolName => byName.has(name);
