/** What Paddock has to know of a tunnel: which program with which arguments, and what its words mean. */
import { lstatSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Config, PaddockError } from "@paddock/contract";

export type TunnelKind = "cloudflared" | "openai" | "ssh";

/** What the program tells of itself. */
export interface Told {
  /** The public address that was given to it. */
  address?: string;
  /** Address that answers 200 while the tunnel carries calls. */
  health?: string;
  /** It carries calls; from programs that have no such address. */
  up?: true;
}

export interface TunnelPlan {
  kind: TunnelKind;
  command: readonly [program: string, ...args: string[]];
  environment: NodeJS.ProcessEnv;
  /** The public address, as far as it is known beforehand. */
  address: string | null;
  /** What comes through it arrives at the hub. */
  toHub: boolean;
  read(line: string): Told | null;
  /** The program writes the base of its health address there. */
  healthFile?: string;
}

/** Where the hub is found from here. Throws invalid_config when no port is fixed. */
export function hubAddress({ host, port }: Pick<Config, "host" | "port">): string {
  if (port === 0) {
    throw new PaddockError(
      "invalid_config",
      "A tunnel needs a hub with a fixed port.",
      "Set `port` to another than 0.",
    );
  }
  const reached = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

/** What a program on the network needs of the owner's environment: nothing of Paddock's, and no secret. */
export function environmentFor(owner: NodeJS.ProcessEnv, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(owner).filter(([name]) => passedOn.test(name));
  return { ...Object.fromEntries(kept), ...more };
}

const passedOn =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|XDG_RUNTIME_DIR|(https?|no|all)_proxy)$/i;

const maxSecretBytes = 16 * 1024;

export interface SecretFile {
  path: string;
  secret: string;
}

/** Throws permission_denied for a file that others can read, invalid_input for one that holds no single line. */
export function readSecretFile(file: string): SecretFile {
  const path = resolve(file);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > maxSecretBytes) {
    throw new PaddockError("invalid_input", `${path} is no file with a token.`, "Name the file that holds it.");
  }
  if ((found.mode & 0o077) !== 0) {
    throw new PaddockError("permission_denied", `Others can read ${path}.`, `Take that away: chmod 600 ${path}`);
  }
  const secret = readFileSync(path, "utf8").trim();
  if (/^[\x21-\x7e]+$/.test(secret)) return { path, secret };
  throw new PaddockError("invalid_input", `${path} does not hold one token and nothing else.`);
}
