/** Puts answers that changed nothing on record, at most so many a minute: nobody fills the audit log with forged ones. */
import type { AuditLog } from "@paddock/audit";
import type { ErrorCode } from "@paddock/contract";
import type { GivenAnswer } from "./channel.ts";

const maxAMinute = 60;
const minuteMs = 60_000;

export function recordRefusals(
  audit: Pick<AuditLog, "write">,
  clock: () => number = () => performance.now(),
): (given: GivenAnswer, code: ErrorCode) => void {
  let since = clock();
  let count = 0;
  return ({ id, channel, by, answer, signature }, code) => {
    if (clock() - since > minuteMs) [since, count] = [clock(), 0];
    count += 1;
    if (count > maxAMinute) return;
    const key = signature ? { key: signature.publicKey } : {};
    const last = count === maxAMinute ? { unrecorded: "further ones of this minute" } : {};
    const detail = { approval: id.slice(0, 64), given: answer.type, channel, claimed: by, ...key, ...last };
    audit.write({ event: "approval.refused", code, detail });
  };
}
