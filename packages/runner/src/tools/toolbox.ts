/** Every tool of this machine with what it works with, put together once. */
import { join } from "node:path";
import type { AuditLog } from "@paddock/audit";
import { type Config, toolsFingerprint } from "@paddock/contract";
import {
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
  tools,
  transferTools,
} from "@paddock/contract/tools";
import { rgPath } from "@vscode/ripgrep";
import type { ContentApprovals } from "../approvals/content.ts";
import { type Bridge, openBridge, type Server } from "../bridge/index.ts";
import { openCheckpoints } from "../checkpoints/open-checkpoints.ts";
import { openProjectMemory, type ProjectMemory } from "../context/project-memory.ts";
import type { DoorFor } from "../egress/egress.ts";
import type { Pauses } from "../egress/pauses.ts";
import { openAfterEdit } from "../hooks/after-edit.ts";
import type { Log } from "../log.ts";
import type { OpenCages } from "../sandbox/open-cages.ts";
import { protectionsOf } from "../sandbox/protections.ts";
import { Shells } from "../shell/shells.ts";
import { contextHandlers } from "./context.ts";
import { fileHandlers } from "./files.ts";
import type { Handlers } from "./handler.ts";
import type { NotificationParts } from "./notifications.ts";
import { searchHandlers } from "./search.ts";
import { whenCalled } from "./when-called.ts";

export interface ToolboxParts {
  /** The runner's state folder. */
  folder: string;
  config: Config;
  version: string;
  cages: OpenCages;
  content: ContentApprovals;
  audit: Pick<AuditLog, "path" | "write">;
  ownerHome: string;
  environment: Readonly<Record<string, string | undefined>>;
  notifications: Pick<NotificationParts, "channels" | "texts" | "machine">;
  /** The way out to the network that a cage gets. */
  doorFor: DoorFor;
  pauses: Pauses;
  log: Pick<Log, "warn" | "error">;
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

export function openToolbox(parts: ToolboxParts): Toolbox {
  const services = openServices(parts);
  const { memory, bridge, checkpoints, shells } = services;
  return {
    handlers: handlersOf(services, parts),
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

function openServices({
  audit,
  folder,
  config,
  version,
  cages,
  content,
  ownerHome,
  doorFor,
  pauses,
  log,
}: ToolboxParts) {
  const checkpoints = openCheckpoints({
    folder: join(folder, "checkpoints"),
    cages,
    enabled: config.checkpoints,
    maxCount: config.checkpoint_count,
    maxDays: config.checkpoint_days,
    maxFileBytes: config.checkpoint_file_bytes,
    maxBytes: config.checkpoint_bytes,
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
    doorFor,
    idleSeconds: config.bridge_idle_seconds,
    startMs: config.bridge_start_seconds * 1000,
    version,
    log,
    changed: (servers) => audit.write({ event: "policy.changed", detail: { bridge: shownServers(servers) } }),
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
    log,
    gitSettings: gitSettingsOf(cages, ownerHome),
    doorFor,
    pauses,
  });
  const ripgrep = { cages, program: rgPath, scratch: join(folder, "scratch"), timeoutSeconds: searchTimeoutSeconds };
  return { checkpoints, memory, bridge, afterEdit, shells, ripgrep };
}

const shownServers = (servers: readonly Server[]) =>
  Object.fromEntries(servers.map(({ id, enabled, expose }) => [id, enabled ? expose : "disabled"]));

/** Read when the first shell begins: the owner's name and address, for commits that a command makes. */
function gitSettingsOf(cages: OpenCages, ownerHome: string): () => Promise<string> {
  return async () => {
    const { ownerIdentity, settingsText } = await import("../git/identity.ts");
    return settingsText(await ownerIdentity(cages, ownerHome)());
  };
}

function handlersOf(services: Services, parts: ToolboxParts): Handlers {
  const { checkpoints, memory, bridge, afterEdit, ripgrep } = services;
  return {
    ...contextHandlers({ memory, checkpoints, facts: factsOf(parts), bridged: (call) => bridge.servers(call, false) }),
    ...fileHandlers({ checkpoints, afterEdit }),
    ...searchHandlers(ripgrep),
    ...handlersWhenCalled(services, parts),
  };
}

function handlersWhenCalled({ checkpoints, bridge, afterEdit, shells, ripgrep }: Services, parts: ToolboxParts) {
  const { folder, config, cages, content, ownerHome, environment } = parts;
  const { undo } = settingsOf(config);
  const limits = { maxCount: undo.max_count, maxDays: undo.max_days, maxFileBytes: undo.max_file_bytes };
  return {
    ...whenCalled(patchTools, async () => {
      const [{ editHandlers }, { defaultEditLimits }] = await Promise.all([
        import("./edits.ts"),
        import("../edits/source.ts"),
      ]);
      return editHandlers({ checkpoints, afterEdit, limits: defaultEditLimits });
    }),
    ...whenCalled(researchTools, async () => (await import("./research.ts")).researchHandlers(ripgrep)),
    ...whenCalled(shellTools, async () => {
      const { shellHandlers } = await import("./shell.ts");
      const { command_timeout_seconds: timeoutSeconds, command_output_bytes: answerBytes } = config;
      return shellHandlers({ shells, cages, checkpoints, timeoutSeconds, answerBytes });
    }),
    ...whenCalled(processesTools, async () =>
      (await import("./processes.ts")).processHandlers({
        shells,
        checkpoints,
        stopGraceMs: config.stop_grace_seconds * 1000,
      }),
    ),
    ...whenCalled(sessionsTools, async () => (await import("./sessions.ts")).sessionHandlers({ shells, checkpoints })),
    ...whenCalled({ ...transferTools, ...errandTools }, async () =>
      (await import("./transfer.ts")).transferHandlers(checkpoints),
    ),
    ...whenCalled(gitTools, async () => {
      const [{ gitHandlers }, { ownerIdentity }] = await Promise.all([
        import("./git.ts"),
        import("../git/identity.ts"),
      ]);
      const identity = ownerIdentity(cages, ownerHome);
      const ownerEnvironment = credentialVariables(environment, ownerHome);
      return gitHandlers({ cages, identity, folder: join(folder, "git"), ownerEnvironment, checkpoints });
    }),
    ...whenCalled(checkpointsTools, async () =>
      (await import("./checkpoints.ts")).checkpointHandlers({ checkpoints, limits }),
    ),
    ...whenCalled(skillsTools, async () => {
      const { skillsHandlers } = await import("./skills.ts");
      return skillsHandlers({ ownerFolder: join(folder, "skills"), approvals: content, cages, checkpoints });
    }),
    ...whenCalled(notificationTools, async () => {
      const { notificationHandlers } = await import("./notifications.ts");
      return notificationHandlers({ ...parts.notifications, maxPerHour: config.notifications_per_hour });
    }),
    ...whenCalled(bridgeTools, async () => (await import("./bridge.ts")).bridgeHandlers(bridge)),
  };
}

const settingsOf = (config: Config) => ({
  undo: {
    enabled: config.checkpoints,
    max_count: config.checkpoint_count,
    max_days: config.checkpoint_days,
    max_file_bytes: config.checkpoint_file_bytes,
  },
});

/** The fingerprint takes 30 ms, so that it is made when somebody asks for the first time. */
function factsOf({ config, version, cages, audit }: ToolboxParts) {
  const facts = async () => ({
    version,
    sandbox: protectionsOf(cages.proof),
    audit_log: audit.path,
    ...settingsOf(config),
    tool_list: await toolsFingerprint(Object.values(tools)),
  });
  let known: ReturnType<typeof facts> | null = null;
  return () => {
    known ??= facts();
    return known;
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
