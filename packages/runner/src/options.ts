/** What a runner is started with. */
import type { Config, ConfigKey, Passphrase } from "@paddock/contract";
import type { Log } from "./log.ts";

export interface RunnerOptions {
  /** The state folder of the installation, PADDOCK_HOME. */
  home: string;
  /** Wanted on the control socket, where the owner has set one. */
  passphrase: Passphrase;
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
