/** Puts answers that changed nothing on record, at most so many a minute: nobody fills the audit log with forged ones. */
import type { AuditLog } from "@paddock/audit";
import type { ErrorCode } from "@paddock/contract";

/** As it was claimed; nothing of it has to be true. */
export interface RefusedAnswer {
  approval: string;
  channel: string;
  /** The answer that it was meant to be. */
  given: string;
  /** Who says to have given it. */
  by: string;
  /** The public key that it says to be signed with. */
  key?: string;
}

const maxAMinute = 60;
const minuteMs = 60_000;
const longest = 64;

export function recordRefusals(
  audit: Pick<AuditLog, "write">,
  clock: () => number = () => performance.now(),
): (refused: RefusedAnswer, code: ErrorCode) => void {
  let since = clock();
  let count = 0;
  return ({ approval, channel, given, by, ...key }, code) => {
    if (clock() - since > minuteMs) [since, count] = [clock(), 0];
    count += 1;
    if (count > maxAMinute) return;
    const last = count === maxAMinute ? { unrecorded: "further ones of this minute" } : {};
    const claims = { approval: approval.slice(0, longest), given: given.slice(0, longest), channel, claimed: by };
    audit.write({ event: "approval.refused", code, detail: { ...claims, ...key, ...last } });
  };
}
