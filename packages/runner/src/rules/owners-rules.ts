/** The rules in force, with what a change of them does: it is recorded, and a stricter one ends what runs. */
import type { AuditLog } from "@paddock/audit";
import type { Log } from "../log.ts";
import { openRules, type Rules } from "./rules.ts";

export interface OwnersRulesParts {
  home: string;
  ownerHome: string;
  backupsKept: number;
  audit: AuditLog;
  log: Pick<Log, "warn" | "debug">;
  /** What was allowed before may not be any more. */
  onTightened(): void;
}

export function openOwnersRules({ audit, log, onTightened, ...place }: OwnersRulesParts): Rules {
  return openRules({
    ...place,
    onChange(change) {
      log.debug(change, "the rules have changed");
      if (change.tightened) onTightened();
      audit.writeDurably({ event: "policy.changed", detail: { ...change } });
    },
    onFault(fault) {
      if (audit.writable) audit.write({ event: "policy.changed", detail: { refused: fault } });
      log.warn({ fault }, "the rule file is not right: the rules of before stay in force");
    },
  });
}
