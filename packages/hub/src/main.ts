/** The hub, put together: who may ask, through which surface, and the link to the machine where it happens. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AuditSink } from "@paddock/audit";
import type { Config, Passphrase } from "@paddock/contract";
import type { Access } from "./access/access.ts";
import { openInbox } from "./approvals/inbox.ts";
import { ownerPages } from "./approvals/owner-pages.ts";
import { type CallerParts, openCallers } from "./callers.ts";
import { serveControl } from "./control/server.ts";
import { startRetention } from "./database/retention.ts";
import { openGround } from "./ground.ts";
import { type Log, openLog } from "./log.ts";
import { toolContext } from "./machines/choice.ts";
import { openBatchStore } from "./runs/batch-store.ts";
import { openRuns } from "./runs/calls.ts";
import { openRunRecords } from "./runs/records.ts";
import { openRunStore } from "./runs/store.ts";
import type { Ended } from "./runs/tracker.ts";
import { listen, stop } from "./sockets/tcp-listener.ts";
import { createHttpServer } from "./surfaces/http.ts";
import { loadExtension } from "./surfaces/mcp/extension.ts";
import type { McpDeps, McpSurface } from "./surfaces/mcp/mount.ts";
import { sessionKey } from "./surfaces/mcp/sessions.ts";
import { mcpSurface } from "./surfaces/mcp/surface.ts";
import { type Meter, openMeter } from "./surfaces/metrics.ts";

export interface HubOptions {
  /** The state folder of the installation, PADDOCK_HOME. */
  home: string;
  /** Wanted on the control socket, where the owner has set one. */
  passphrase: Passphrase;
  config: Config;
  version: string;
  /** Looked at for the switches of the conformance suite only. */
  environment?: Readonly<Record<string, string | undefined>>;
  log?: Log;
  /** In the place of fetching what clients publish about themselves. */
  fetchMetadata?: CallerParts["fetchMetadata"];
}

export interface Hub {
  /** Where it listens, as a client on this machine reaches it. */
  readonly address: string;
  /** Ends every connection and closes what is open; runs go on at the machine. */
  close(): Promise<void>;
}

/** Throws already_running when a hub uses this state folder, and what the configuration makes impossible. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { home, config, version, log = openLog(config.log_level) } = options;
  const folder = join(home, "hub");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await using open = new AsyncDisposableStack();

  const { database, audit, fleet, registry, heads, remote, serveOwn } = openGround(folder, config, log, open);
  let address = "";
  const url = (): string => config.public_url?.replace(/\/+$/, "") ?? address;
  const callers = open.adopt(
    openCallers({
      ...options,
      database,
      audit,
      folder,
      log,
      url,
      fleet,
      machines: () => fleet.list(),
      endStreams(principal): void {
        mcp.endStreams(principal);
        runs.endWaits(principal);
      },
    }),
    (opened) => opened.close(),
  );
  const { access } = callers;
  const meter = openMeter(fleet);
  const store = openRunStore(database, config.result_keep_bytes);
  const batches = openBatchStore(database);
  const runs = openRuns({ store, batches, machines: fleet, access, audit, config, log, ...counting(meter, audit) });
  const forget = [store.prune, callers.forget];
  open.defer(startRetention({ forget, keepDays: config.result_keep_days, log }));

  const mcp: McpSurface = open.adopt(
    await openMcp({ ...options, folder, log, runs, machines: fleet, access }),
    (opened) => opened.close(),
  );

  const inbox = openInbox(fleet, audit);
  const common = { ...callers, runs, inbox, audit, version, log, url };
  const { onLink, fingerprint, rotateKey: rotateHubKey } = remote;
  const pages = [callers.oauth, callers.accounts, ownerPages(common), remote.page];
  const server = createHttpServer({ ...common, pages, machines: fleet, meter, mcp, config, onLink });
  await serveOwn();
  const controlled = {
    ...common,
    records: openRunRecords(store),
    machine: fleet.standard,
    registry,
    fingerprint,
    rotateHubKey,
    heads,
    passphrase: options.passphrase,
    listens: () => address,
  };
  open.adopt(await serveControl(join(folder, "control.sock"), controlled), (control) => control.close());
  address = await listen(server, config);
  open.defer(() => stop(server));
  // First of all: a server waits for what its connections have become.
  open.defer(remote.close);

  audit.write({ event: "service.started", detail: { version, address } });
  open.defer(() => audit.writeDurably({ event: "service.stopped" }));
  log.debug({ address }, "hub ready");
  const running = open.move();
  return { address, close: () => running.disposeAsync() };
}

/** Where the ends of runs, and calls that never became any, are counted and put on record. */
const counting = (meter: Meter, audit: AuditSink) => ({
  onEnd(ended: Ended): void {
    meter.ended(ended);
    audit.write({ event: "call.finished", ...ended });
  },
  onRefused: meter.refused,
});

interface McpParts extends Pick<HubOptions, "config" | "version" | "environment">, Pick<McpDeps, "runs" | "machines"> {
  folder: string;
  log: Log;
  access: Access;
}

async function openMcp({
  config,
  version,
  environment = {},
  folder,
  log,
  runs,
  machines,
  access,
}: McpParts): Promise<McpSurface> {
  const extension = await loadExtension(environment, config.host, (message) => log.warn(message));
  return mcpSurface({
    runs,
    machines,
    version,
    log,
    toolsFor: (principal) => access.toolsFor(principal, toolContext(principal, machines)),
    narrow: access.narrow,
    sessionKey: await sessionKey(join(folder, "session.key")),
    ...(extension ? { extension } : {}),
  });
}
