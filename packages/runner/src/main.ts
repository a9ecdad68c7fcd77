/** The runner, put together: what may happen on this machine, and the one place where it does. */
import { randomUUID } from "node:crypto";
import { mkdirSync, realpathSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import type { Config, ConfigKey, Principal } from "@paddock/contract";
import { builtinRules, credentialsIn, systemSecrets } from "@paddock/policy";
import { openContentApprovals } from "./approvals/content.ts";
import { openQuestions } from "./approvals/questions.ts";
import { openAudit } from "./audit/audit.ts";
import { controlRoutes } from "./control/routes.ts";
import { openControl } from "./control/server.ts";
import { explainWith } from "./gate/explain.ts";
import { Gate } from "./gate/gate.ts";
import { openLedger } from "./ledger/ledger.ts";
import { keepPruned } from "./ledger/retention.ts";
import { openAbout } from "./link/about.ts";
import { openLinks } from "./link/links.ts";
import { type Log, openLog } from "./log.ts";
import { configuredLimits, limitsOf } from "./sandbox/configured-limits.ts";
import { openCages } from "./sandbox/open-cages.ts";
import { protectionsOf } from "./sandbox/protections.ts";
import { openToolbox } from "./tools/toolbox.ts";
import { openWorkspaces } from "./workspaces/workspaces.ts";

export interface RunnerOptions {
  /** The state folder of the installation, PADDOCK_HOME. */
  home: string;
  config: Config;
  /** Keys whose value the owner has set: a limit among them that cannot be held stops the start. */
  configured: readonly ConfigKey[];
  /** Default workspace, absolute; made when it is not there. */
  workspace: string;
  version: string;
  /** The hub's socket on this machine; null for a runner without a hub. */
  hubSocket: string | null;
  environment: Readonly<Record<string, string | undefined>>;
  log?: Log;
}

export interface Runner {
  facts: { workspace: string; profile: string; sandbox: string; missing: string[] };
  /** Resolves when the hub has said welcome for the first time. */
  linked: Promise<void>;
  /** Ends all runs, shells and processes, and closes what is open. */
  close(): Promise<void>;
}

/** Whoever reaches the control socket. */
const owner: Principal = { id: "owner", name: "owner", surface: "cli", toolset: "full", workspaces: [] };

export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { home, config, version, environment, log = openLog(config.log_level) } = options;
  const folder = join(home, "runner");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await using open = new AsyncDisposableStack();
  const { audit, ledger, workspaces, cages, ownerHome } = await openGround(options, folder, open, log);
  const content = openContentApprovals(join(folder, "approved.json"));
  const toolbox = open.adopt(
    openToolbox({ folder, config, version, cages, content, auditPath: audit.path, ownerHome, environment, log }),
    (opened) => opened.close(),
  );
  const questions = openQuestions();
  const { profile } = config;
  const decides = { handlers: toolbox.handlers, workspaces, rules: builtinRules, profile };
  const approvalTimeoutMs = config.approval_timeout_seconds * 1000;
  const gate = new Gate({ ...decides, ledger, audit, questions, approvalTimeoutMs, log });
  open.defer(() => gate.close());

  const about = await openAbout({ workspaces, toolbox, profile, sandbox: cages.kind, log });
  open.defer(about.close);
  const endPrincipal = (principal: string) => {
    gate.cancelAll(principal);
    void toolbox.endPrincipal(principal);
  };
  const links = openLinks({ gate, ledger, boot: randomUUID(), machine: hostname(), about, endPrincipal, log });
  const missing = protectionsOf(cages.proof).not_enforced;
  const facts = { workspace: workspaces.standard, profile, sandbox: cages.kind, missing };
  const now = () => ({ hub: links.hub?.connected ?? false, active: gate.active });
  const status = () => ({ version, pid: process.pid, ...facts, ...now() });
  const explain = explainWith(decides, owner);
  const routes = controlRoutes({ status, questions, content, workspaces, ledger, audit, explain });
  const control = await openControl({ path: join(folder, "control.sock"), routes, onLink: links.attach, log });
  open.defer(() => {
    links.close();
    control.close();
    control.closeAllConnections();
  });

  workspaces.onChange(() => void toolbox.endAll());
  gate.recover();
  if (options.hubSocket !== null) links.dial(options.hubSocket);
  toolbox.prepare(workspaces.standard);
  audit.write({ event: "service.started", detail: { version, ...facts } });
  open.defer(() => audit.write({ event: "service.stopped" }));
  log.debug({ workspace: facts.workspace }, "runner ready");
  const running = open.move();
  return { facts, linked: links.hub?.linked ?? Promise.resolve(), close: () => running.disposeAsync() };
}

/** What everything else stands on: the records, the roots, and the cages. */
async function openGround(options: RunnerOptions, folder: string, open: AsyncDisposableStack, log: Log) {
  const { home, config, workspace, environment } = options;
  const ownerHome = environment.HOME ?? homedir();
  const hidden = [home, ...credentialsIn(ownerHome), ...systemSecrets];
  // First of all, because only one runner can have it.
  const ledger = open.adopt(openLedger(join(folder, "ledger.sqlite3")), (opened) => opened.close());
  const audit = open.adopt(
    openAudit({ path: join(folder, "audit.jsonl"), maxBytes: config.audit_max_bytes, keep: config.audit_keep, log }),
    (opened) => opened.close(),
  );
  open.defer(keepPruned(ledger, config.result_keep_days));
  const workspaces = openWorkspaces({
    store: join(folder, "roots.json"),
    standard: workspace,
    profile: config.profile,
    hidden,
    installation: realpathSync(join(import.meta.dirname, "..", "..", "..")),
  });
  const cages = open.adopt(
    await openCages({
      kind: config.sandbox,
      home,
      limits: limitsOf(config),
      configured: configuredLimits(options.configured),
      ownerHome,
      toolPath: environment.PATH ?? "/usr/bin:/bin",
      hidden,
    }),
    (opened) => opened.close(),
  );
  return { audit, ledger, workspaces, cages, ownerHome };
}
