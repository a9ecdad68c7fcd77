/**
 * What a cage may do on macOS, as the sandbox runtime wants it said. Built from the spec alone. Nothing can be shown under
 * another path or made up here: what is not meant for a cage is refused to it by name, and the narrower name decides.
 */
import { isAbsolute, join } from "node:path";
import type { MacOSSandboxParams } from "@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js";
import { PaddockError } from "@paddock/contract";
import type { CageSpec, Limits } from "../cage.ts";
import type { Hidden } from "../hidden/hidden.ts";
import { rootsOf } from "../mounts.ts";
import { isBeneath } from "../paths.ts";
import type { Toolchains } from "../toolchains.ts";

export interface SeatbeltGround {
  /** PADDOCK_HOME. */
  paddockHome: string;
  ownerHome: string;
  /** Of the cage's trust domain; its folder for temporary files lies in it. */
  privateHome: string;
  toolchains: Pick<Toolchains, "folders">;
  hidden: readonly Hidden[];
  /** Port of this machine that leads out; null for a cage without network. */
  port: number | null;
}

export const temporaryIn = (privateHome: string): string => join(privateHome, "tmp");

/** Where people and programs keep what is theirs. The system itself can be read, as anybody can read it. */
const othersPlaces = ["/Users", "/Volumes", "/private/tmp", "/private/var/tmp", "/private/var/folders"];

/** Throws cannot_enforce for what only a mount could give. */
export function seatbeltOf(spec: CageSpec, limits: Limits, ground: SeatbeltGround): MacOSSandboxParams {
  const shown = [...rootsOf(spec), ...(spec.mounts ?? []).map(inPlace)];
  const hidden = ground.hidden.map(({ path }) => path);
  const own = [ground.privateHome, ...ground.toolchains.folders];
  const isOpen = spec.profile === "open";
  const writable = shown.filter(({ write }) => write).map(({ path }) => path);
  return {
    command: commandOf(spec, limits, isOpen ? "/tmp" : temporaryIn(ground.privateHome)),
    // Stands in place of the command's text, which would show in the list of processes once more.
    commandId: "paddock",
    binShell: "/bin/bash",
    needsNetworkRestriction: true,
    ...(ground.port === null ? {} : { httpProxyPort: ground.port }),
    // What Paddock itself was started with is nobody's business.
    unsetEnvVars: ["JAVA_TOOL_OPTIONS"],
    allowGitConfig: false,
    allowPty: false,
    readConfig: {
      denyOnly: [],
      literalDenyOnly: unique([ground.paddockHome, ...(isOpen ? [] : [ground.ownerHome, ...othersPlaces]), ...hidden]),
      literalAllowWithinDeny: unique([...shown.map(({ path }) => path), ...own]),
    },
    writeConfig: {
      ...{ allowOnly: [], denyWithinAllow: [] },
      literalAllowOnly: unique([...(isOpen ? ["/"] : writable), ground.privateHome]),
      literalDenyWithinAllow: unique([
        ...writable.flatMap((path) =>
          ["config", "config.worktree", "hooks", "commondir"].map((name) => join(path, ".git", name)),
        ),
        ...readOnlyIn(shown),
        ...hidden,
        ...(isOpen ? [ground.paddockHome] : []),
      ]),
    },
  };
}

/** Roots and mounts that may only be read although they lie in one that may be written. */
const readOnlyIn = (shown: readonly { path: string; write: boolean }[]): string[] =>
  shown
    .filter(({ path, write }) => !write && shown.some((other) => other.write && isBeneath(other.path, path)))
    .map(({ path }) => path);

function inPlace({ path, at = path, write }: { path: string; at?: string; write: boolean }) {
  if (at === path) return { path, write };
  throw new PaddockError(
    "cannot_enforce",
    `${at} cannot be shown in the place of another file by the sandbox of this system.`,
    "Run what was approved by a name that agents cannot write.",
  );
}

/** The limits that a process of this system keeps by itself, then the program in place of the shell. */
function commandOf({ argv }: CageSpec, { openFiles, fileBytes }: Limits, temporary: string): string {
  const [program = "", ...rest] = argv;
  const words = [program, ...rest].map(quoted).join(" ");
  const bounds = `ulimit -c 0; ulimit -n ${openFiles}; ulimit -f ${Math.ceil(fileBytes / 1024)}`;
  return `${bounds}; export TMPDIR=${quoted(temporary)}; exec ${words}`;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const unique = (paths: readonly string[]): string[] => [...new Set(paths.filter((path) => isAbsolute(path)))];
