/** Join codes: made for one machine, counted once, kept as a hash, and over after a while. */
import { hash } from "node:crypto";
import type { AuditSink } from "@paddock/audit";
import { PaddockError } from "@paddock/contract";
import { machineAlias, machineLabel } from "@paddock/contract/link";
import { newSecret } from "@paddock/link/join-code";
import * as z from "zod";
import { sparingly } from "../access/sparingly.ts";
import type { CodeRow, MachineStore } from "./store.ts";

export const inviteWish = z.strictObject({
  name: machineAlias.optional(),
  labels: z.array(machineLabel).max(16).default([]),
  minutes: z
    .number()
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(60),
});
export type InviteWish = z.output<typeof inviteWish>;

export interface Invitation {
  secret: string;
  name: string | null;
  labels: readonly string[];
  expiresAt: string;
}

/** What a runner says to be enrolled, once it has proved that it has the key. */
export interface EnrolWish {
  secret: string;
  publicKey: string;
  name: string | undefined;
  hostname: string;
}

export interface Invitations {
  make(wish: InviteWish, now: number): Invitation;
  /** The code, which may have been used: by whom stands in it. Throws join_refused for one that is wrong or too late. */
  redeem(wish: EnrolWish, now: number): CodeRow;
  /** Puts it on record, and returns what is to be thrown. */
  refuse(why: string): PaddockError;
}

const maxOpenCodes = 100;
/** A minute; there are fewer reasons than that. */
const maxRecords = 10;
/** A machine that did not hear the answer may ask again for so long. */
const keptMs = 24 * 3_600_000;

type Parts = { store: MachineStore; audit: AuditSink };

export function openInvitations({ store, audit }: Parts): Invitations {
  const records = sparingly(maxRecords);
  const refuse = (why: string): PaddockError => {
    const left = records.tell(why, performance.now());
    if (left !== null) audit.write({ event: "machine.refused", code: "join_refused", detail: { why, left } });
    // To the outside a wrong, a used and a late code are the same.
    return new PaddockError("join_refused", "The join code is wrong, was used, or is too old.");
  };
  return {
    refuse,
    make({ name = null, labels, minutes }, now) {
      store.forgetCodes(now - keptMs);
      if (store.openCodes(now).length >= maxOpenCodes)
        throw new PaddockError("too_many", "Too many join codes wait to be used.", "Wait until some are over.");
      const secret = newSecret();
      const expiresAt = now + minutes * 60_000;
      audit.mustBeWritable();
      const row = { hash: hashOf(secret), name, labels, created_at: now, expires_at: expiresAt, used_by: null };
      store.insertCode(row);
      const expires = new Date(expiresAt).toISOString();
      audit.write({ event: "machine.invited", detail: { name, labels, expires } });
      return { secret, name, labels, expiresAt: expires };
    },
    redeem({ secret }, now) {
      const code = store.findCode(hashOf(secret));
      if (!code) throw refuse("the code is unknown");
      if (code.used_by === null && code.expires_at <= now) throw refuse("the code is too old");
      return code;
    },
  };
}

/** The secret has 128 random bits, so that its hash is looked up rather than compared: no timing tells anything of it. */
const hashOf = (secret: string): string => hash("sha256", `paddock join\n${secret}`);
