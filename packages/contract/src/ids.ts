/**
 * Identifiers. An id is a prefix that tells what it names, then 26 characters: ten of time, sixteen of chance.
 * Sorted as text they are in order of creation to the millisecond. They are handles, never credentials.
 */
import * as z from "zod";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

const idOf = <P extends string>(prefix: P) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[${alphabet}]{26}$`), `not an id of this kind, which is ${prefix}_ and 26 characters`)
    .brand(prefix);

export const runId = idOf("run");
export const approvalId = idOf("apr");
export const processId = idOf("prc");
export const checkpointId = idOf("cp");
export const tokenId = idOf("tok");
export const grantId = idOf("grt");
export const deviceId = idOf("dev");
export const consentId = idOf("cns");
export const machineId = idOf("mch");

export type RunId = z.infer<typeof runId>;
export type ApprovalId = z.infer<typeof approvalId>;
export type ProcessId = z.infer<typeof processId>;
export type CheckpointId = z.infer<typeof checkpointId>;
export type TokenId = z.infer<typeof tokenId>;
export type GrantId = z.infer<typeof grantId>;
export type DeviceId = z.infer<typeof deviceId>;
export type ConsentId = z.infer<typeof consentId>;
export type MachineId = z.infer<typeof machineId>;

/** No machine: where the hub's own runs are, such as a batch. */
export const noMachine = machineId.parse(`mch_${"z".repeat(26)}`);
/** The machine that the hub itself runs on, by the runner that dials its local socket. */
export const ownMachine = machineId.parse(`mch_${"0".repeat(26)}`);

interface IdTypes {
  run: RunId;
  apr: ApprovalId;
  prc: ProcessId;
  cp: CheckpointId;
  tok: TokenId;
  grt: GrantId;
  dev: DeviceId;
  cns: ConsentId;
  mch: MachineId;
}

/** A new id of the kind that `prefix` names. */
export function newId<P extends keyof IdTypes>(prefix: P): IdTypes[P] {
  let time = Date.now();
  let text = "";
  for (let place = 0; place < 10; place += 1) {
    text = alphabet.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  for (const byte of someChance()) text += alphabet.charAt(byte % 32);
  return `${prefix}_${text}` as IdTypes[P];
}

/** Chance for many ids, fetched at once: a fetch costs several times what else an id does. */
const chance = new Uint8Array(16 * 64);
let spent = chance.length;

function someChance(): Uint8Array {
  if (spent === chance.length) {
    crypto.getRandomValues(chance);
    spent = 0;
  }
  spent += 16;
  return chance.subarray(spent - 16, spent);
}
