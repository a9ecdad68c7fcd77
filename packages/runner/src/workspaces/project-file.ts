/**
 * What a project asks for itself, in `.paddock/policy.toml` of a root. It comes with the workspace, so it is no authority: it
 * can only take away from what the owner gives, and says nothing else.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { parse } from "smol-toml";
import * as z from "zod";
import { hiddenIn } from "../sandbox/hidden/owners-list.ts";

export interface ProjectFile {
  /** Paths below the root that nobody sees. */
  hidden: readonly string[];
  readonly: boolean;
  /** Whether its cages have no network. */
  offline: boolean;
  /** Tells this state of the file from any other. */
  stamp: string;
  /** Why nothing runs here; null when the file says only what it may. */
  fault: PaddockError | null;
}

/** The folder of a root that holds the file; read-only as long as the file is there. */
export const projectFolder = ".paddock";
const maxBytes = 16 * 1024;

const schema = z.strictObject({
  hidden: z
    .array(
      z
        .string()
        .max(4096)
        .regex(/^[^/~]/, "names no place below the project"),
    )
    .max(100)
    .default([]),
  profile: z.literal("readonly").optional(),
  network: z.literal("none").optional(),
});

/** Null where there is none. */
export function readProjectFile(root: string): ProjectFile | null {
  const stamp = stampOf(root);
  if (stamp === null) return null;
  try {
    const { hidden, profile, network } = schema.parse(parse(contentOf(pathIn(root))));
    hiddenIn([], hidden, root);
    return { hidden, readonly: profile === "readonly", offline: network === "none", stamp, fault: null };
  } catch (error) {
    // What cannot be read might have asked for all of it.
    return { hidden: [], readonly: true, offline: true, stamp, fault: faultOf(pathIn(root), error) };
  }
}

/** What stands there now, without reading it; null where nothing does, or where a link leads there. */
export function stampOf(root: string): string | null {
  const folder = lstatSync(join(root, projectFolder), { throwIfNoEntry: false });
  if (!folder?.isDirectory()) return null;
  try {
    const state = lstatSync(pathIn(root), { throwIfNoEntry: false, bigint: true });
    return state ? `${state.ino}:${state.ctimeNs}:${state.size}` : null;
  } catch {
    return "unreadable";
  }
}

const pathIn = (root: string): string => join(root, projectFolder, "policy.toml");

/** Only a regular file, at exactly this place. */
function contentOf(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const state = fstatSync(fd);
    if (!state.isFile() || readlinkSync(`/proc/self/fd/${fd}`) !== path)
      throw new Error("it is no file of the project");
    if (state.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    const content = Buffer.alloc(maxBytes);
    return content.toString("utf8", 0, readSync(fd, content, 0, maxBytes, 0));
  } finally {
    closeSync(fd);
  }
}

function faultOf(path: string, error: unknown): PaddockError {
  const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
  const why = issue ? `${issue.path.join(".") || "policy"}: ${issue.message}` : (error as Error).message.split("\n")[0];
  return new PaddockError(
    "invalid_config",
    `${path} says what a project cannot say: ${why}`.slice(0, 500),
    'A project may say `hidden = [...]`, `profile = "readonly"` and `network = "none"`, nothing else. Ask the owner to correct it.',
  );
}
