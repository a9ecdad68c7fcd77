/** What the owner has the say in: the rules, the questions that they lead to, what was granted, and who else may answer. */
import { join } from "node:path";
import type { AuditLog } from "@paddock/audit";
import type { Config } from "@paddock/contract";
import type { Channel } from "./approvals/channel.ts";
import { openDevices } from "./approvals/devices.ts";
import { openGrants } from "./approvals/grants.ts";
import { openQuestions } from "./approvals/questions.ts";
import { recordRefusals } from "./approvals/refusals.ts";
import type { Log } from "./log.ts";
import { openOwnersRules } from "./rules/owners-rules.ts";

export interface OwnersSayParts {
  /** The runner's state folder. */
  folder: string;
  /** PADDOCK_HOME. */
  home: string;
  ownerHome: string;
  config: Pick<Config, "backups_kept">;
  audit: AuditLog;
  /** Where questions are shown. */
  channels: readonly Channel[];
  log: Log;
  /** Something that was allowed may not be any more: what runs is to be ended. */
  onTightened(): void;
}

/** Adopted by `open`, which ends them. */
export function openOwnersSay(parts: OwnersSayParts, open: AsyncDisposableStack) {
  const { home, ownerHome, config, audit, channels, log } = parts;
  const devices = openDevices(join(parts.folder, "devices.json"));
  const grants = openGrants();
  const refused = recordRefusals(audit);
  const questions = openQuestions({
    channels,
    deviceThatSigned: devices.thatSigned,
    refused: ({ id: approval, channel, by, answer: { type: given }, signature }, code) =>
      refused({ approval, channel, by, given, ...(signature ? { key: signature.publicKey } : {}) }, code),
    log,
  });
  const onTightened = () => {
    grants.endAll();
    parts.onTightened();
  };
  const files = { home, ownerHome, backupsKept: config.backups_kept };
  const rules = open.adopt(openOwnersRules({ ...files, audit, log, onTightened }), (opened) => opened.close());
  return { grants, questions, devices, rules };
}
