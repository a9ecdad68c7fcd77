/** What the doctor looks at, in the order in which things depend on each other. */
import { accessSync, constants, readFileSync, statfsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { PaddockError } from "@paddock/contract";
import { loadConfig } from "../config.ts";
import { control, whenRunning } from "../control/request.ts";
import type { Places } from "../home.ts";

export interface Finding {
  state: "ok" | "warn" | "fail";
  what: string;
  nextStep?: string;
}

export interface Patient {
  places: Places;
  environment: NodeJS.ProcessEnv;
}

export type Check = (patient: Patient) => Finding | Promise<Finding>;

const ok = (what: string): Finding => ({ state: "ok", what });
const warn = (what: string, nextStep: string): Finding => ({ state: "warn", what, nextStep });
const fail = (what: string, nextStep: string): Finding => ({ state: "fail", what, nextStep });

const node: Check = () => ok(`Node ${process.versions.node}`);

const settings: Check = ({ places, environment }) => {
  try {
    const { origins } = loadConfig(places, environment);
    const set = Object.values(origins).filter((origin) => origin !== "default").length;
    return ok(`settings are valid, ${set} differ from the defaults`);
  } catch (error) {
    if (error instanceof PaddockError) return fail(error.message, error.nextStep);
    throw error;
  }
};

const state: Check = ({ places: { home } }) => {
  const found = statSync(home, { throwIfNoEntry: false });
  if (!found) return warn(`there is no state folder ${home} yet`, "The first `paddock up` makes it.");
  if ((found.mode & 0o077) !== 0) return fail(`others can look into ${home}`, `Run: chmod 700 ${home}`);
  return ok(`${home} is its owner's alone`);
};

const lowBytes = 200 * 1024 * 1024;

const disk: Check = ({ places: { home } }) => {
  const at = statSync(home, { throwIfNoEntry: false }) ? home : "/";
  const { bavail, bsize } = statfsSync(at);
  const free = bavail * bsize;
  const said = `${Math.round(free / 1024 / 1024).toLocaleString("en")} MB free for ${home}`;
  return free < lowBytes ? fail(said, "Free some space: what cannot be recorded is not run.") : ok(said);
};

const bubblewrap: Check = ({ places, environment }) => {
  if (loadConfig(places, environment).values.sandbox === "none") {
    return warn(
      'sandbox is "none": commands run with all rights of your account',
      'Take `sandbox = "none"` out of the settings.',
    );
  }
  if (!isOnPath("bwrap", "/usr/bin:/usr/local/bin:/bin")) {
    return fail(
      "bubblewrap is missing",
      "Install it: apt install bubblewrap, dnf install bubblewrap, or pacman -S bubblewrap.",
    );
  }
  const denied = ["/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/user/max_user_namespaces"].find(
    (path) => readNumber(path) === 0,
  );
  if (denied)
    return fail(
      `user namespaces are switched off (${denied})`,
      "Ask the administrator to switch them on, or run inside a virtual machine.",
    );
  if (readNumber("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === 1) {
    return warn(
      "AppArmor restricts user namespaces",
      "If `paddock up` says that no cage can be made, allow them for bwrap.",
    );
  }
  return ok("bubblewrap is there and user namespaces are on");
};

const git: Check = ({ environment }) =>
  isOnPath("git", environment.PATH ?? "")
    ? ok("git is there")
    : fail("git is missing", "Install git: the git tools and undo for commands need it.");

const runner: Check = async ({ places }) => {
  const found = await ask<{ sandbox: string; missing: string[]; hub: boolean }>(places.runnerControl, "/status");
  if (!found) return fail("the runner does not run", "Start it with `paddock up`.");
  if (!found.hub)
    return warn("the runner runs but has no link to the hub", "Look at the hub's messages; `paddock up` starts both.");
  if (found.missing.length > 0)
    return warn(
      `this machine cannot enforce: ${found.missing.join("; ")}`,
      "docs/threat-model.md says what that means.",
    );
  return ok(`the runner runs, is linked to the hub, and its sandbox (${found.sandbox}) holds all it promises`);
};

const hub: Check = async ({ places }) => {
  const found = await ask<{ url: string }>(places.hubControl, "/status");
  if (!found) return fail("the hub does not run", "Start it with `paddock up`.");
  const answer = await fetch(new URL("/healthz", found.url)).catch(() => null);
  if (!answer?.ok)
    return fail(
      `the hub runs but ${found.url} does not answer`,
      "Look for a proxy in between, or a wrong PADDOCK_PUBLIC_URL.",
    );
  return ok(`the hub answers at ${found.url}`);
};

/** Tells apart that no client ever called, that Paddock refused, and that calls arrive. */
const clients: Check = async ({ places }) => {
  const tokens = await ask<{ tokens: { lastUsedAt: string | null; revokedAt: string | null }[] }>(
    places.hubControl,
    "/tokens",
  );
  const audit = await ask<{ records: { event: string; code?: string }[] }>(places.hubControl, "/audit?tail=1000");
  if (!tokens || !audit)
    return warn("whether clients call cannot be seen while the hub is down", "Start it with `paddock up`.");
  const refused = audit.records.filter(({ event }) => event === "credential.failed").length;
  if (tokens.tokens.some(({ lastUsedAt }) => lastUsedAt !== null)) return ok("a client has called with a valid token");
  if (refused > 0)
    return warn(
      `clients called and were refused ${refused} times for their credential`,
      "Give the client a token of `paddock token create`.",
    );
  if (tokens.tokens.length === 0)
    return warn("there is no token yet", "Make one: `paddock token create --name laptop`.");
  return warn(
    "no client has called yet",
    "Check the address in the client, and that its connector is switched on for the chat.",
  );
};

const audit: Check = async ({ places }) => {
  for (const socket of [places.runnerControl, places.hubControl]) {
    const found = await ask<{ ok: boolean; fault: { line: number; reason: string } | null }>(
      socket,
      "/audit/verify",
      "POST",
    );
    if (found && !found.ok)
      return fail(
        `an audit log is broken at line ${found.fault?.line} (${found.fault?.reason})`,
        "Keep a copy and find out who changed it.",
      );
  }
  return ok("the audit logs are whole, as far as they could be read");
};

export const checks: readonly Check[] = [node, settings, state, disk, bubblewrap, git, runner, hub, clients, audit];

const ask = <T>(socket: string, path: string, method: "GET" | "POST" = "GET"): Promise<T | null> =>
  whenRunning(control<T>({ socket, path, method }));

const isOnPath = (program: string, path: string): boolean =>
  path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

function readNumber(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
