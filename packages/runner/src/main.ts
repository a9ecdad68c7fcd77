/** The runner, put together: what may happen on this machine, and the one place where it does. */

import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { guardWith } from "@paddock/audit";
import { ownerId, type Principal } from "@paddock/contract";
import { openContentApprovals } from "./approvals/content.ts";
import { openWays } from "./approvals/ways.ts";
import { controlRoutes } from "./control/routes.ts";
import { openControl } from "./control/server.ts";
import { egressFromSettings } from "./egress/from-settings.ts";
import { askingAs } from "./gate/ask.ts";
import { explainWith } from "./gate/explain.ts";
import { Gate } from "./gate/gate.ts";
import { openGround } from "./ground.ts";
import { openAbout } from "./link/about.ts";
import { openHubInbox } from "./link/hub-inbox.ts";
import { withHubProxy } from "./link/hub-proxy.ts";
import { knownHub } from "./link/known-hub.ts";
import { openLinks } from "./link/links.ts";
import { openLog } from "./log.ts";
import type { RunnerOptions } from "./options.ts";
import { openOwnersSay } from "./owners-say.ts";
import { forgetHomes } from "./sandbox/private-homes.ts";
import { protectionsOf } from "./sandbox/protections.ts";
import { openToolbox } from "./tools/toolbox.ts";

export interface Runner {
  facts: { workspace: string; profile: string; sandbox: string; missing: string[] };
  /** Resolves when the hub has said welcome for the first time. */
  linked: Promise<void>;
  /** Ends all runs, shells and processes, and closes what is open. */
  close(): Promise<void>;
}

/** Whoever reaches the control socket. */
const owner: Principal = { id: ownerId, name: "owner", surface: "cli", toolset: "full", workspaces: [] };

export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { home, config, version, environment, passphrase, log = openLog(config.log_level) } = options;
  const folder = join(home, "runner");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await using open = new AsyncDisposableStack();
  const { audit, ledger, workspaces, cages, ownerHome } = await openGround(options, folder, open, log);
  const machine = hostname();
  const ways = openWays(options, { audit, machine, log, answer: (given) => questions.answer(given) });
  open.defer(() => ways.channels.close());
  /** What cannot be ended is told, and does not end everybody else's work with it. */
  const watched = (ending: Promise<void>) => {
    ending.catch((fault: unknown) => log.error({ err: fault }, "something that should have ended could not be ended"));
  };
  const onTightened = () => watched(toolbox.endAll());
  const ground = { folder, ownerHome, cages, workspaces, audit, log };
  const say = openOwnersSay({ ...ground, home, config, channels: [ways.channels], onTightened }, open);
  const { grants, questions, rules } = say;
  const egress = egressFromSettings(options, { ...ground, grants, questions, rules, machine });
  // A project may want less than the owner gives its cages.
  const doorFor: typeof egress.doorFor = (caller, mode) =>
    workspaces.isOffline(caller.workspace) ? null : egress.doorFor(caller, mode);
  const content = openContentApprovals(join(folder, "approved.json"));
  const places = { folder, audit, ownerHome, environment, notifications: ways, pauses: egress.pauses };
  const toolbox = open.adopt(openToolbox({ ...places, config, version, cages, content, doorFor, log }), (opened) =>
    opened.close(),
  );
  const { profile } = config;
  const searchPath = environment.PATH ?? "/usr/bin:/bin";
  const decides = { handlers: toolbox.handlers, workspaces, rules, profile, machine, searchPath };
  const gate = new Gate({ ...decides, ...askingAs(config), ledger, audit, questions, grants, log });
  open.defer(() => gate.close());

  const about = await openAbout({ workspaces, toolbox, profile, sandbox: cages.kind, log });
  open.defer(about.close);
  const endPrincipal = (principal: string) => {
    grants.end(principal);
    gate.cancelAll(principal);
    watched(toolbox.endPrincipal(principal).then(() => forgetHomes(home, principal)));
  };
  const known = knownHub(folder, audit, log);
  const inbox = openHubInbox(questions, log);
  const reach = { environment: withHubProxy(environment, config, home) };
  const links = openLinks({ ...known, gate, ledger, audit, inbox, machine, about, endPrincipal, log, ...reach });
  const missing = protectionsOf(cages.proof).not_enforced;
  const facts = { workspace: workspaces.standard, profile, sandbox: cages.kind, missing };
  const now = () => ({ ...links.state, active: gate.active, rules: rules.state.fault });
  const status = () => ({ version, pid: process.pid, ...facts, ...now() });
  const explain = explainWith({ ...decides, owner, notEnforced: missing, sandbox: cages.kind });
  const shown = { status, content, ledger, heads: known.heads, explain, egress };
  const routes = controlRoutes({ ...ways, ...say, ...ground, ...shown, passphrase });
  const way = { path: join(folder, "control.sock"), guard: guardWith(passphrase, audit), log };
  const control = await openControl({ ...way, routes, onLink: links.attach });
  open.defer(() => {
    links.close();
    control.close();
    control.closeAllConnections();
  });

  for (const { onChange } of [workspaces, egress.repositories]) onChange(() => watched(toolbox.endAll()));
  gate.recover();
  if (options.hubSocket !== null) await links.dial(options.hubSocket);
  toolbox.prepare(workspaces.standard);
  audit.write({ event: "service.started", detail: { version, ...facts } });
  open.defer(() => audit.writeDurably({ event: "service.stopped" }));
  log.debug({ workspace: facts.workspace }, "runner ready");
  const running = open.move();
  return { facts, linked: links.hub?.linked ?? Promise.resolve(), close: () => running.disposeAsync() };
}
