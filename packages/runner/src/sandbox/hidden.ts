/** What no cage ever sees, not even when a root contains it: Paddock's own state and the owner's credentials. */
import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";

const credentials = [
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".password-store",
  ".netrc",
  ".git-credentials",
  ".npmrc",
  ".yarnrc.yml",
  ".pypirc",
  ".vault-token",
  ".pgpass",
  ".my.cnf",
  ".claude.json",
  ".claude/.credentials.json",
  ".codex/auth.json",
  ".gemini/oauth_creds.json",
  ".pi/agent/auth.json",
  ".local/share/opencode/auth.json",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".gem/credentials",
  ".terraform.d/credentials.tfrc.json",
  ".config/gh",
  ".config/hub",
  ".config/glab-cli",
  ".config/gcloud",
  ".config/git/credentials",
  ".config/op",
  ".config/rclone",
  ".config/google-chrome",
  ".config/chromium",
  ".config/BraveSoftware",
  ".config/microsoft-edge",
  ".mozilla",
  ".thunderbird",
  ".local/share/keyrings",
  ".bash_history",
  ".zsh_history",
];

export interface Hidden {
  path: string;
  type: "directory" | "file";
}

/** The existing ones among Paddock's home, the owner's credentials and `further`, by their real paths. */
export function findHidden(paddockHome: string, ownerHome: string, further: readonly string[]): Hidden[] {
  const wanted = [paddockHome, ...credentials.map((name) => join(ownerHome, name)), ...further];
  const found = new Map<string, Hidden>();
  for (const path of wanted) {
    const state = statSync(path, { throwIfNoEntry: false });
    if (!state) continue;
    const real = realpathSync(path);
    found.set(real, { path: real, type: state.isDirectory() ? "directory" : "file" });
  }
  return [...found.values()];
}
