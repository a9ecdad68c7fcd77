/** What happened: a log whose records vouch for each other, and whose end is signed. */

export type { AuditLog, AuditSink } from "./audit-log.ts";
export { type Exchange, openExchange } from "./exchange.ts";
export { writeWhole } from "./files.ts";
export { openAuditLog } from "./log.ts";
export { guardWith } from "./passphrase-guard.ts";
export { lastRecords, recordsOf } from "./records.ts";
export { headIn, keyOf } from "./seal.ts";
export {
  type Fault,
  faultName,
  headsReceived,
  isAuditLog,
  type Verification,
  verifyLog,
  type Witness,
} from "./verify.ts";
