/** Checks of what is written down: the settings, the state folder, the workspace. */
import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { PaddockError, type ResolvedConfig } from "@paddock/contract";
import { loadConfig, workspaceOf } from "../config.ts";
import { control, whenRunning } from "../control/request.ts";
import { type Check, fail, ok, type Patient, warn } from "./finding.ts";

const node: Check = () => ok(`Node ${process.versions.node}`);

const settings: Check = ({ places, environment }) => {
  const { origins } = loadConfig(places, environment);
  const set = Object.values(origins).filter((origin) => origin !== "default").length;
  return ok(`the settings are valid, ${set === 0 ? "all" : `all but ${set}`} as they come`);
};

const state: Check = ({ places: { home } }) => {
  const found = statSync(home, { throwIfNoEntry: false });
  if (!found) return warn(`there is no state folder ${home} yet`, "The first `paddock up` makes it.");
  if (!found.isDirectory()) return fail(`${home} is not a directory`, "Move it away, or set PADDOCK_HOME.");
  if (found.uid !== process.getuid?.()) {
    return fail(`${home} belongs to another account`, "Run this as that account, or set PADDOCK_HOME.");
  }
  if ((found.mode & 0o077) !== 0) return fail(`others can look into ${home}`, `Run: chmod 700 ${home}`);
  return ok(`${home} is its owner's alone`);
};

const lowBytes = 200 * 1024 * 1024;

const disk: Check = ({ places: { home } }) => {
  const { bavail, bsize } = statfsSync(existing(home));
  const free = bavail * bsize;
  const said = `${Math.round(free / 1024 / 1024).toLocaleString("en")} MB free for ${home}`;
  return free < lowBytes ? fail(said, "Free some space: what cannot be recorded is not run.") : ok(said);
};

/** The one that the runner works in, which a flag may have named; else the one of the settings. */
const workspace: Check = async (patient) => {
  const config = validConfig(patient)?.values;
  if (!config) return null;
  const status = control<{ workspace: string }>({ socket: patient.places.runnerControl, path: "/status" });
  const path = (await whenRunning(status))?.workspace ?? workspaceOf(config);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return warn(`there is no workspace ${path} yet`, "The first `paddock up` makes it.");
  if (!found.isDirectory()) return fail(`the workspace ${path} is not a directory`, "Name another with --workspace.");
  try {
    accessSync(path, constants.W_OK);
  } catch {
    return warn(`the workspace ${path} cannot be written`, "Change its owner, or name another with --workspace.");
  }
  return ok(`the workspace is ${path}`);
};

export const settingsChecks: readonly Check[] = [node, settings, state, disk, workspace];

/** Null for faulty settings, which their own check reports. */
export function validConfig({ places, environment }: Patient): ResolvedConfig | null {
  try {
    return loadConfig(places, environment);
  } catch (error) {
    if (error instanceof PaddockError) return null;
    throw error;
  }
}

/** The nearest folder above that is there. */
const existing = (path: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : existing(dirname(path));
