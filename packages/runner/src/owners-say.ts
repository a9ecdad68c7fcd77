/** What the owner has the say in: the rules, the questions that they lead to, and what was granted for a time. */
import type { AuditLog } from "@paddock/audit";
import type { Channel } from "./approvals/channel.ts";
import { openGrants } from "./approvals/grants.ts";
import { openQuestions } from "./approvals/questions.ts";
import type { Log } from "./log.ts";
import { openOwnersRules } from "./rules/owners-rules.ts";

export interface OwnersSayParts {
  /** PADDOCK_HOME. */
  home: string;
  ownerHome: string;
  audit: AuditLog;
  /** Where questions are shown. */
  channels: readonly Channel[];
  log: Log;
  /** Something that was allowed may not be any more: what runs is to be ended. */
  onTightened(): void;
}

/** Adopted by `open`, which ends them. */
export function openOwnersSay(parts: OwnersSayParts, open: AsyncDisposableStack) {
  const { audit, channels, log } = parts;
  const grants = openGrants();
  const questions = openQuestions({
    channels,
    deviceThatSigned: () => null,
    refused: ({ id, channel, by }, code) =>
      audit.write({ event: "approval.refused", code, detail: { approval: id.slice(0, 64), channel, by } }),
    log,
  });
  const onTightened = () => {
    grants.endAll();
    parts.onTightened();
  };
  const rules = open.adopt(openOwnersRules({ ...parts, onTightened }), (opened) => opened.close());
  return { grants, questions, rules };
}
