/** The way out of cages as the settings want it. */

import { join } from "node:path";
import type { AuditLog } from "@paddock/audit";
import { type Config, PaddockError } from "@paddock/contract";
import type { Grants } from "../approvals/grants.ts";
import type { Questions } from "../approvals/questions.ts";
import type { RulesInForce } from "../gate/prepare.ts";
import type { Log } from "../log.ts";
import type { RunnerOptions } from "../options.ts";
import type { Cages } from "../sandbox/cage.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import { type Egress, openEgress } from "./egress.ts";
import { openNetworkList } from "./network-list.ts";
import { packageManagerHosts } from "./package-managers.ts";
import { openRepositoryList } from "./repositories/repository-list.ts";
import { systemResolver } from "./resolve.ts";

export interface EgressGround {
  /** The runner's state folder. */
  folder: string;
  ownerHome: string;
  cages: Cages;
  workspaces: Workspaces;
  audit: AuditLog;
  questions: Questions;
  grants: Grants;
  machine: string;
  rules: RulesInForce;
  log: Log;
}

/** Throws cannot_enforce where the owner has set a network that nothing here would hold. */
export function egressFromSettings(
  { config, configured, environment }: RunnerOptions,
  { folder, ownerHome, cages, workspaces, ...asking }: EgressGround,
): Egress {
  const isHeld = cages.kind !== "none";
  if (!isHeld && configured.includes("network") && config.network !== "open") {
    throw new PaddockError("cannot_enforce", "network is set, but without a sandbox nothing holds a command to it.");
  }
  const list = openNetworkList({
    path: join(folder, "network.json"),
    settings: config.network_allow,
    found: () => packageManagerHosts({ ownerHome, environment, workspaces: workspaces.list.map(({ path }) => path) }),
  });
  return openEgress({
    mode: isHeld ? config.network : "none",
    list,
    repositories: openRepositoryList(join(folder, "repositories.json")),
    ...asking,
    profile: config.profile,
    timeoutMs: config.approval_timeout_seconds * 1000,
    questionCharacters: config.question_characters,
    limits: limitsOf(config),
    resolve: systemResolver(connectMs),
  });
}

/** Each for the look-up of a name and for the connection. */
const connectMs = 15_000;

const limitsOf = (config: Config) => ({
  connections: config.network_max_connections,
  idleMs: config.network_idle_seconds * 1000,
  connectMs,
});
