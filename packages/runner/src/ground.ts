/** What everything else of a runner stands on: the records, the roots, and the cages. */
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "@paddock/audit";
import { longestRunSeconds, maskSecrets } from "@paddock/contract";
import { credentialsIn, systemSecrets } from "@paddock/policy";
import { busPlaces } from "./approvals/channels/dbus/address.ts";
import { secretFiles } from "./approvals/channels/open-channels.ts";
import { openLedger } from "./ledger/ledger.ts";
import { keepPruned } from "./ledger/retention.ts";
import type { Log } from "./log.ts";
import type { RunnerOptions } from "./options.ts";
import { configuredLimits, limitsOf } from "./sandbox/configured-limits.ts";
import { hiddenIn } from "./sandbox/hidden/owners-list.ts";
import { openCages } from "./sandbox/open-cages.ts";
import { openWorkspaces } from "./workspaces/workspaces.ts";

/** Adopted by `open`, which ends them. */
export async function openGround(options: RunnerOptions, folder: string, open: AsyncDisposableStack, log: Log) {
  const { home, config, workspace, environment } = options;
  const ownerHome = environment.HOME ?? homedir();
  const hidden = hiddenIn(
    [
      ...[home, config.docker_socket, ...secretFiles(config, home), ...busPlaces(environment)],
      ...[...credentialsIn(ownerHome), ...systemSecrets],
    ],
    config.hidden_paths,
    ownerHome,
  );
  // First of all, because only one runner can have it.
  const ledger = open.adopt(
    openLedger(join(folder, "ledger.sqlite3"), { maxResultBytes: config.result_keep_bytes }),
    (opened) => opened.close(),
  );
  const audit = open.adopt(
    openAuditLog({ folder, maxBytes: config.audit_max_bytes, keep: config.audit_keep, mask: maskSecrets, log }),
    (opened) => opened.close(),
  );
  open.defer(keepPruned(ledger, config.result_keep_days));
  const workspaces = openWorkspaces({
    store: join(folder, "roots.json"),
    standard: workspace,
    profile: config.profile,
    hidden,
    installation: realpathSync(join(import.meta.dirname, "..", "..", "..")),
    longestCallMs: longestRunSeconds(config) * 1000,
  });
  const cages = open.adopt(
    await openCages({
      kind: config.sandbox,
      home,
      limits: limitsOf(config),
      configured: configuredLimits(options.configured),
      ownerHome,
      toolPath: environment.PATH ?? "/usr/bin:/bin",
      hidden: () => workspaces.hidden(),
      docker: { socket: config.docker_socket, image: config.docker_image },
      onHiddenChange: (path) => {
        log.warn({ path }, "something hidden was exchanged: cages that show its folder were stopped");
        workspaces.refresh();
      },
    }),
    (opened) => opened.close(),
  );
  return { audit, ledger, workspaces, cages, ownerHome };
}
