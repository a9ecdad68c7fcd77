/**
 * What tests need of the machine besides Node. A test whose program is missing is skipped and says which package to
 * install; in CI a skip fails the run.
 *
 * `test("...", needs("bwrap", "git"), async () => {})`
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const debianPackage = {
  bash: "bash",
  bwrap: "bubblewrap",
  caddy: "caddy",
  curl: "curl",
  "dbus-daemon": "dbus-daemon",
  "dbus-send": "dbus-bin",
  dunst: "dunst",
  fish: "fish",
  git: "git",
  ip: "iproute2",
  iptables: "iptables",
  nginx: "nginx-light",
  openssl: "openssl",
  perl: "perl-base",
  python3: "python3",
  script: "bsdutils",
  setpriv: "util-linux",
  setsid: "util-linux",
  ssh: "openssh-client",
  sshd: "openssh-server",
  strace: "strace",
  unshare: "util-linux",
  "systemd-analyze": "systemd",
  tini: "tini",
  xdotool: "xdotool",
  Xvfb: "xvfb",
  zsh: "zsh",
} as const satisfies Record<string, string>;

export type Program = keyof typeof debianPackage | "docker";

/** Options for node:test: a reason to skip, or none. */
export function needs(...programs: readonly Program[]): { skip?: string } {
  const missing = programs.filter((program) => program !== "docker").filter((program) => !isInstalled(program));
  if (missing.length > 0) {
    const packages = missing.map((program) => debianPackage[program]).join(" ");
    return { skip: `needs ${missing.join(" and ")}: apt install ${packages}` };
  }
  // An engine is not enough: tests get one of their own, with an image that is known.
  if (!programs.includes("docker") || process.env.PADDOCK_TEST_DOCKER) return {};
  return {
    skip: "needs an engine of its own: as root `.ci/docker-engine start FOLDER USER`, which says how it is found",
  };
}

/** Daemons lie where users have no PATH to. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"].join(delimiter);

export const isInstalled = (program: string, path = `${process.env.PATH}${delimiter}${systemFolders}`): boolean =>
  path.split(delimiter).some((folder) => folder !== "" && isExecutable(join(folder, program)));

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
