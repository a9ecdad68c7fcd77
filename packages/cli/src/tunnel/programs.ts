/**
 * The programs that tunnels need: the one the owner names, the one on PATH, or one that was fetched from its vendor. What is
 * fetched is a version that is known here by its SHA-256; anything else is thrown away.
 */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { isOnPath } from "../on-path.ts";

export interface Release {
  version: string;
  /** Folder of the files below. */
  base: string;
  /** By processor. An archive holds the program under its own name. */
  files: Readonly<Record<string, { name: string; sha256: string }>>;
}

/** https://github.com/cloudflare/cloudflared/releases and https://github.com/openai/tunnel-client/releases */
const releases: Readonly<Record<string, Release>> = {
  cloudflared: {
    version: "2026.9.3",
    base: "https://github.com/cloudflare/cloudflared/releases/download/2026.9.3",
    files: {
      x64: {
        name: "cloudflared-linux-amd64",
        sha256: "77e26d8d900e0b8469f416239d14b5f296525fdf79fee6f511ef55609e3fbac2",
      },
      arm64: {
        name: "cloudflared-linux-arm64",
        sha256: "aaeb2d7d0da3614634c7e03ab13487a1522c2e79165ed2929cfe23d5e95b326d",
      },
    },
  },
  "tunnel-client": {
    version: "0.0.14",
    base: "https://github.com/openai/tunnel-client/releases/download/v0.0.14",
    files: {
      x64: {
        name: "tunnel-client-v0.0.14-linux-amd64.zip",
        sha256: "15bd17e805cad39d412199115bb9e10a978dd35258a114cdf25dd2ae6681c7d3",
      },
      arm64: {
        name: "tunnel-client-v0.0.14-linux-arm64.zip",
        sha256: "2de3fb879a18edb847e0313592c912f1983685488290a7fdba7ac403e6a4fb0a",
      },
    },
  },
};

const maxBytes = 200 * 1024 * 1024;
const patienceMs = 10 * 60_000;

export interface ProgramWish {
  name: string;
  /** As the owner named it. */
  given: string | undefined;
  /** Fetch it when it is not there. */
  download: boolean;
  /** Where fetched programs lie. */
  folder: string;
  environment: NodeJS.ProcessEnv;
}

/** As the options of a tunnel's command choose it. */
export const chosenProgram = (name: string, { places, environment, options }: CommandContext): Promise<string> =>
  programFor({
    name,
    given: textOption(options, "program"),
    download: options.download === true,
    folder: join(places.home, "tunnel"),
    environment,
  });

/** The program's path. Throws command_not_found with what to do. */
export async function programFor({ name, given, download, folder, environment }: ProgramWish): Promise<string> {
  const path = environment.PATH ?? "";
  if (given !== undefined) return named(given, path);
  const release = releases[name];
  const kept = join(folder, `${name}-${release?.version ?? ""}`);
  if (existsSync(kept)) return kept;
  if (isOnPath(name, path)) return name;
  if (release && download) return fetchProgram(name, release, kept);
  const orFetch = release ? `, or add --download to fetch version ${release.version}` : "";
  throw new PaddockError(
    "command_not_found",
    `${name} is not installed.`,
    `Install it as its vendor says, name it with --program${orFetch}.`,
  );
}

function named(given: string, path: string): string {
  const isPath = given.includes("/");
  if (isPath ? !existsSync(given) : !isOnPath(given, path)) {
    throw new PaddockError("command_not_found", `There is no program ${given}.`, "Name it by its path.");
  }
  return isPath ? resolve(given) : given;
}

/** Throws unavailable when it cannot be had, and wrong_signature when it is not what was expected. */
export async function fetchProgram(name: string, { version, base, files }: Release, into: string): Promise<string> {
  const file = process.platform === "linux" ? files[process.arch] : undefined;
  if (!file) {
    throw new PaddockError(
      "command_not_found",
      `${name} ${version} is not fetched for ${process.platform} ${process.arch}.`,
      "Install it as its vendor says.",
    );
  }
  const bytes = await fetched(`${base}/${file.name}`);
  if (createHash("sha256").update(bytes).digest("hex") !== file.sha256) {
    throw new PaddockError(
      "wrong_signature",
      `What came as ${file.name} is not version ${version}: its SHA-256 is another.`,
      "Nothing of it was kept. Install the program as its vendor says.",
    );
  }
  const program = file.name.endsWith(".zip") ? await unpacked(bytes, name) : bytes;
  mkdirSync(join(into, ".."), { recursive: true, mode: 0o700 });
  const next = `${into}.next`;
  writeFileSync(next, program);
  chmodSync(next, 0o700);
  renameSync(next, into);
  return into;
}

async function fetched(url: string): Promise<Uint8Array> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of answer.body) {
      bytes += piece.length;
      if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    throw new PaddockError(
      "unavailable",
      `${url} could not be fetched: ${cause?.message ?? message}.`,
      "Try again, or install the program as its vendor says.",
    );
  }
}

async function unpacked(archive: Uint8Array, name: string): Promise<Uint8Array> {
  const { unzipSync } = await import("fflate");
  const files = unzipSync(archive, { filter: (file) => file.name.split("/").at(-1) === name });
  const [program] = Object.values(files);
  if (program) return program;
  throw new PaddockError("unavailable", `The archive holds no ${name}.`, "Install the program as its vendor says.");
}
