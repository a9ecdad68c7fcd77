/** Who commits are from: the name and address that the owner gave git on this machine. */
import type { Cages } from "../sandbox/cage.ts";
import type { Identity } from "./environment.ts";

/** Asks the owner's configuration until there is an answer, and keeps that. */
export function ownerIdentity(cages: Cages, ownerHome: string): () => Promise<Identity | null> {
  let known: Identity | null = null;
  return async () => {
    known ??= await readIdentity(cages, ownerHome);
    return known;
  };
}

/** What a git that is started by a command has to know of the owner, as the text of a configuration file. */
export function settingsText(identity: Identity | null): string {
  if (identity === null) return "";
  const quoted = (value: string) => `"${value.replaceAll(/[\\"]/g, "\\$&").replaceAll(/\s+/g, " ")}"`;
  return `[user]\n\tname = ${quoted(identity.name)}\n\temail = ${quoted(identity.email)}\n`;
}

/** Reads the owner's global configuration, and nothing else of it. Null when the owner has set no name or no address. */
async function readIdentity(cages: Cages, ownerHome: string): Promise<Identity | null> {
  const { stdout } = await cages.run(
    {
      argv: ["git", "config", "--global", "--includes", "-z", "--get-regexp", "^user\\.(name|email)$"],
      cwd: "/",
      profile: "readonly",
      domain: "owner",
      roots: [],
      env: { HOME: ownerHome, GIT_CONFIG_SYSTEM: "/dev/null" },
      noCage: true,
    },
    { maxBytes: 64 * 1024, timeoutMs: 10_000 },
  );
  const values = new Map<string, string>();
  for (const entry of stdout.toString("utf8").split("\0")) {
    const cut = entry.indexOf("\n");
    if (cut > 0) values.set(entry.slice(0, cut), entry.slice(cut + 1));
  }
  const [name, email] = [values.get("user.name"), values.get("user.email")];
  return name && email ? { name, email } : null;
}
