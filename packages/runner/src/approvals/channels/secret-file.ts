/** A secret that a setting names the file of. It is read once, and never shown, logged or passed on. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { PaddockError, rememberSecret } from "@paddock/contract";

const longest = 4096;
const usualShortest = 16;

/** Throws invalid_config for a file that others can read, or that holds no secret. */
export function readSecret(setting: string, path: string, shortest = usualShortest): string {
  const file = open(setting, path);
  try {
    const stat = fstatSync(file);
    const { uid, mode, size } = stat;
    const faulty = (why: string, nextStep: string) =>
      new PaddockError("invalid_config", `${setting}: ${path} ${why}.`, nextStep);
    if (!stat.isFile()) throw faulty("is no file", "Name a file that holds nothing but the secret.");
    if (uid !== process.getuid?.()) throw faulty("belongs to another account", "Make it your own file.");
    if ((mode & 0o077) !== 0) throw faulty("can be read by others", `Run: chmod 600 ${path}`);
    if (size > longest) throw faulty("is too long for a secret", "Put nothing but the secret into it.");
    const secret = readFileSync(file, "utf8").trim();
    rememberSecret(secret);
    if (secret.length >= shortest && !/\s/.test(secret)) return secret;
    throw faulty(
      `holds no secret of at least ${shortest} characters`,
      "Put the secret, and nothing else, on its one line.",
    );
  } finally {
    closeSync(file);
  }
}

function open(setting: string, path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
    throw new PaddockError("invalid_config", `${setting}: ${path} ${why}.`, "Make the file, readable for you alone.");
  }
}
