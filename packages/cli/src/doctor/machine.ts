/** Checks of the programs and the kernel that Paddock stands on. */
import { readFileSync } from "node:fs";
import { isOnPath } from "../on-path.ts";
import { type Check, fail, ok, warn } from "./finding.ts";
import { validConfig } from "./settings.ts";

/** Where the runner looks for it: never where agents could write. */
const bwrapPath = "/usr/bin:/usr/local/bin:/bin:/run/current-system/sw/bin";
const switches = ["/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/user/max_user_namespaces"];

const bubblewrap: Check = (patient) => {
  if (validConfig(patient)?.values.sandbox === "none") {
    return warn(
      'the sandbox is "none": commands run with all rights of your account',
      "Take `sandbox` out of the settings; `paddock config` shows where it is set.",
    );
  }
  if (!isOnPath("bwrap", bwrapPath)) {
    return fail(
      "bubblewrap is missing",
      "Install it: apt install bubblewrap, dnf install bubblewrap, or pacman -S bubblewrap.",
    );
  }
  const denied = switches.find((path) => readNumber(path) === 0);
  if (denied && process.getuid?.() !== 0) {
    return fail(
      `user namespaces are switched off (${denied})`,
      "Ask the administrator to switch them on, or run inside a virtual machine.",
    );
  }
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
    : fail("git is missing", "Install it: apt install git. The git tools and undo for commands need it.");

export const machineChecks: readonly Check[] = [bubblewrap, git];

function readNumber(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
