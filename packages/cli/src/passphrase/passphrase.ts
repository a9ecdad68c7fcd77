/**
 * The owner's passphrase, as a hash in the state folder. It is read anew for each check, so that hub and runner go by the
 * same one at once. Guesses are taken one after the other, and wrong ones make the next wait.
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError, type Passphrase } from "@paddock/contract";
import * as z from "zod";

const kept = z.strictObject({
  version: z.literal(1),
  salt: z.base64(),
  key: z.base64(),
  cost: z
    .number()
    .int()
    .min(2 ** 14)
    .max(2 ** 20),
});

/** 64 MB and some tenths of a second for each guess. */
const cost = 2 ** 16;
const [blockSize, keyBytes] = [8, 32];
const freeGuesses = 3;
const [firstWaitMs, longestWaitMs] = [1_000, 300_000];

export function openPassphrase(home: string, now: () => number = Date.now): Passphrase {
  const file = join(home, "passphrase.json");
  let turn: Promise<unknown> = Promise.resolve();
  let [wrong, closedUntil] = [0, 0];
  const judge = async (header: string) => {
    const known = read(file);
    if (!known) return;
    if (now() < closedUntil) throw tooMany(closedUntil - now());
    const given = await keyOf(Buffer.from(header, "base64url"), Buffer.from(known.salt, "base64"), known.cost);
    if (timingSafeEqual(given, Buffer.from(known.key, "base64"))) {
      wrong = 0;
      return;
    }
    wrong += 1;
    if (wrong >= freeGuesses) closedUntil = now() + Math.min(firstWaitMs * 2 ** (wrong - freeGuesses), longestWaitMs);
    throw new PaddockError("passphrase_wrong", "This is not the passphrase.");
  };
  return {
    async check(header) {
      if (!read(file)) return;
      if (header === undefined) throw new PaddockError("passphrase_required", "The owner's passphrase is wanted.");
      const mine = turn.then(() => judge(header));
      turn = mine.catch(() => undefined);
      await mine;
    },
    async change(passphrase) {
      if (passphrase === null) return rmSync(file, { force: true });
      const salt = randomBytes(16);
      const key = await keyOf(Buffer.from(passphrase), salt, cost);
      write(file, { version: 1, salt: salt.toString("base64"), key: key.toString("base64"), cost });
    },
  };
}

/** Null where none is set. What cannot be read lets nobody in. */
function read(file: string): z.output<typeof kept> | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    return kept.parse(JSON.parse(text));
  } catch {
    throw new PaddockError("invalid_config", `${file} is damaged.`, "Remove it, then set the passphrase again.");
  }
}

function write(file: string, content: z.input<typeof kept>): void {
  writeFileSync(`${file}.next`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(`${file}.next`, file);
}

function keyOf(passphrase: Buffer, salt: Buffer, N: number): Promise<Buffer> {
  const options = { N, r: blockSize, p: 1, maxmem: 256 * N * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, keyBytes, options, (fault, key) => (fault ? reject(fault) : resolve(key)));
  });
}

const tooMany = (ms: number) =>
  new PaddockError(
    "too_many",
    "Too many wrong passphrases.",
    `Wait ${Math.ceil(ms / 1000)} s, then give the right one.`,
  );
