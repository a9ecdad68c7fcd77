/** Every tool of this machine with what it works with, put together once. */
import { join } from "node:path";
import { type Config, toolsFingerprint } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { rgPath } from "@vscode/ripgrep";
import type { ContentApprovals } from "../approvals/content.ts";
import { type Bridge, openBridge } from "../bridge/index.ts";
import { openCheckpoints } from "../checkpoints/open-checkpoints.ts";
import { openProjectMemory, type ProjectMemory } from "../context/project-memory.ts";
import { defaultEditLimits } from "../edits/source.ts";
import { ownerIdentity } from "../git/identity.ts";
import { openAfterEdit } from "../hooks/after-edit.ts";
import type { OpenCages } from "../sandbox/open-cages.ts";
import { protectionsOf } from "../sandbox/protections.ts";
import { Shells } from "../shell/shells.ts";
import { bridgeHandlers } from "./bridge.ts";
import { checkpointHandlers } from "./checkpoints.ts";
import { contextHandlers } from "./context.ts";
import { editHandlers } from "./edits.ts";
import { fileHandlers } from "./files.ts";
import { gitHandlers } from "./git.ts";
import type { Handlers } from "./handler.ts";
import { processHandlers } from "./processes.ts";
import { researchHandlers } from "./research.ts";
import { searchHandlers } from "./search.ts";
import { shellHandlers } from "./shell.ts";
import { skillsHandlers } from "./skills.ts";

export interface ToolboxParts {
  /** The runner's state folder. */
  folder: string;
  config: Config;
  version: string;
  cages: OpenCages;
  content: ContentApprovals;
  auditPath: string;
  ownerHome: string;
  environment: Readonly<Record<string, string | undefined>>;
  log: { warn(fields: object, message: string): void };
}

export interface Toolbox {
  handlers: Handlers;
  memory: ProjectMemory;
  bridge: Bridge;
  /** Begins the first snapshot of a workspace, in the background. */
  prepare(workspace: string): void;
  /** Ends what lives on between calls: shells, processes, bridged servers. For roots or rules that have changed. */
  endAll(): Promise<void>;
  /** The same for one principal, whose grant is over. */
  endPrincipal(principal: string): Promise<void>;
  close(): Promise<void>;
}

const searchTimeoutSeconds = 30;
const shellIdleMs = 3_600_000;

export async function openToolbox(parts: ToolboxParts): Promise<Toolbox> {
  const services = openServices(parts);
  const { memory, bridge, checkpoints, shells } = services;
  return {
    handlers: await handlersOf(services, parts),
    memory,
    bridge,
    prepare: (workspace) => checkpoints.prepare(workspace),
    endAll: async () => {
      await shells.endAll();
      // Closing a bridge ends its servers; the next use starts them again.
      await bridge.close();
    },
    endPrincipal: async (principal) => {
      await shells.endPrincipal(principal);
      await bridge.endPrincipal(principal);
    },
    close: async () => {
      await shells.close();
      await bridge.close();
      await checkpoints.close();
    },
  };
}

type Services = ReturnType<typeof openServices>;

function openServices({ folder, config, version, cages, content, log }: ToolboxParts) {
  const checkpoints = openCheckpoints({
    folder: join(folder, "checkpoints"),
    cages,
    enabled: config.checkpoints,
    maxCount: config.checkpoint_count,
    maxDays: config.checkpoint_days,
    maxFileBytes: config.checkpoint_file_bytes,
    log,
  });
  const memory = openProjectMemory({
    ownerFile: join(folder, "memory.md"),
    maxBytes: config.memory_max_bytes,
    maxLines: config.memory_max_lines,
  });
  const bridge = openBridge({
    file: join(folder, "bridge.json"),
    acceptedFile: join(folder, "accepted-tools.json"),
    approvals: content,
    cages,
    idleSeconds: config.bridge_idle_seconds,
    version,
  });
  const afterEdit = openAfterEdit({
    ownerFile: join(folder, "hooks.json"),
    approvals: content,
    cages,
    checkpoints,
    timeoutSeconds: config.hook_timeout_seconds,
  });
  const shells = new Shells({
    cages,
    folder,
    outputBytes: config.process_output_bytes,
    maxProcesses: config.max_processes,
    patienceMs: config.answer_budget_seconds * 1000,
    idleMs: shellIdleMs,
    maxPids: config.max_pids,
  });
  const ripgrep = { cages, program: rgPath, scratch: join(folder, "scratch"), timeoutSeconds: searchTimeoutSeconds };
  return { checkpoints, memory, bridge, afterEdit, shells, ripgrep };
}

async function handlersOf(services: Services, parts: ToolboxParts): Promise<Handlers> {
  const { checkpoints, memory, bridge, afterEdit, shells, ripgrep } = services;
  const { folder, config, cages, content, ownerHome, environment } = parts;
  const facts = await factsOf(parts);
  const { max_count: maxCount, max_days: maxDays, max_file_bytes: maxFileBytes } = facts.undo;
  return {
    ...contextHandlers({ memory, checkpoints, facts: () => facts, bridged: (call) => bridge.servers(call, false) }),
    ...fileHandlers({ checkpoints, afterEdit }),
    ...editHandlers({ checkpoints, afterEdit, limits: defaultEditLimits }),
    ...searchHandlers(ripgrep),
    ...researchHandlers(ripgrep),
    ...shellHandlers({ shells, cages, checkpoints, timeoutSeconds: config.command_timeout_seconds }),
    ...processHandlers({ shells, checkpoints }),
    ...gitHandlers({
      cages,
      identity: ownerIdentity(cages, ownerHome),
      folder: join(folder, "git"),
      ownerEnvironment: credentialVariables(environment, ownerHome),
      checkpoints,
    }),
    ...checkpointHandlers({ checkpoints, limits: { maxCount, maxDays, maxFileBytes } }),
    ...skillsHandlers({ ownerFolder: join(folder, "skills"), approvals: content, cages, checkpoints }),
    ...bridgeHandlers(bridge),
  };
}

async function factsOf({ config, version, cages, auditPath }: ToolboxParts) {
  return {
    version,
    sandbox: protectionsOf(cages.proof),
    audit_log: auditPath,
    undo: {
      enabled: config.checkpoints,
      max_count: config.checkpoint_count,
      max_days: config.checkpoint_days,
      max_file_bytes: config.checkpoint_file_bytes,
    },
    tool_list: await toolsFingerprint(Object.values(tools)),
  };
}

/** What git and ssh find the owner's credentials with, for the exchange with a remote that the owner has allowed. */
function credentialVariables(environment: ToolboxParts["environment"], home: string): Record<string, string> {
  const found: Record<string, string> = { HOME: home };
  for (const name of ["PATH", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "LANG"]) {
    const value = environment[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
