/** The folders that are home to trust domains. They outlive cages and go with their principal. */
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ownerId } from "@paddock/contract";

/** The home of a domain, which begins with its principal's id and a newline; made when it is not there. */
export function privateHome(home: string, domain: string): string {
  const folder = join(homesIn(home), `${nameOf(principalOf(domain))}-${nameOf(domain)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Deletes all homes of a principal that has ended. The owner never ends. */
export async function forgetHomes(home: string, principal: string): Promise<void> {
  if (principal === ownerId) return;
  const names = await readdir(homesIn(home)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const own = names.filter((name) => name.startsWith(`${nameOf(principal)}-`));
  await Promise.all(own.map((name) => rm(join(homesIn(home), name), { recursive: true, force: true, maxRetries: 3 })));
}

const homesIn = (home: string): string => join(home, "runner", "homes");
const principalOf = (domain: string): string => domain.split("\n", 1)[0] ?? "";
const nameOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 24);
