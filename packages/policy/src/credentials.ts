/**
 * Where programs keep what opens other doors: keys, tokens, password stores, browser profiles. File tools never show
 * these and cages mask them, also when a root contains them.
 */

const inHome = [
  // Keys and general credential stores.
  ".ssh",
  ".gnupg",
  ".pki",
  ".age",
  ".config/sops",
  ".local/share/keyrings",
  ".local/share/kwalletd",
  ".netrc",
  "_netrc",
  ".authinfo",
  ".authinfo.gpg",
  ".pgpass",
  ".my.cnf",
  ".mylogin.cnf",
  ".env",
  ".vault-token",
  ".terraform.d/credentials.tfrc.json",
  ".terraformrc",
  // Git and its hosts.
  ".git-credentials",
  ".config/git/credentials",
  ".config/gh",
  ".config/glab-cli",
  ".config/hub",
  // Clouds and clusters.
  ".aws",
  ".azure",
  ".config/gcloud",
  ".boto",
  ".oci",
  ".aliyun",
  ".config/doctl",
  ".config/hcloud",
  ".config/scw",
  ".fly",
  ".kube",
  ".docker/config.json",
  ".config/containers/auth.json",
  ".config/rclone",
  ".s3cfg",
  ".wrangler",
  ".config/.wrangler",
  // Package registries.
  ".npmrc",
  ".yarnrc.yml",
  ".pypirc",
  ".config/pip/pip.conf",
  ".pip/pip.conf",
  ".config/pypoetry/auth.toml",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".gem/credentials",
  ".bundle/config",
  ".composer/auth.json",
  ".config/composer/auth.json",
  ".m2/settings.xml",
  ".m2/settings-security.xml",
  ".gradle/gradle.properties",
  ".nuget/NuGet/NuGet.Config",
  ".huggingface/token",
  ".cache/huggingface/token",
  // Password managers.
  ".password-store",
  ".config/op",
  ".config/1Password",
  ".config/Bitwarden",
  ".config/Bitwarden CLI",
  ".config/keepassxc",
  ".local/share/gopass",
  ".config/gopass",
  ".lastpass",
  ".local/share/lpass",
  // Browsers and mail, whose cookies are sessions.
  ".mozilla",
  ".config/google-chrome",
  ".config/chromium",
  ".config/BraveSoftware",
  ".config/microsoft-edge",
  ".config/vivaldi",
  ".config/opera",
  ".thunderbird",
  ".var/app",
  "snap/firefox",
  "snap/chromium",
  // Agents and editors that keep tokens beside their settings.
  ".claude/.credentials.json",
  ".claude.json",
  ".codex/auth.json",
  ".local/share/opencode/auth.json",
  ".config/github-copilot",
  ".config/Code/User/globalStorage",
  ".config/Cursor/User/globalStorage",
  // Proxies and tunnels.
  ".config/clash",
  ".config/clash-verge",
  ".cloudflared",
  ".config/ngrok",
  ".ngrok2",
  // What was typed.
  ".bash_history",
  ".zsh_history",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".mysql_history",
  ".rediscli_history",
  ".local/share/fish/fish_history",
] as const;

const onSystem = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/gshadow-",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/ssh",
  "/etc/ssl/private",
  "/etc/wireguard",
  "/etc/krb5.keytab",
  "/run/secrets",
  "/var/run/docker.sock",
  "/run/docker.sock",
] as const;

/** Files and directories below a home that hold credentials, as absolute paths. Most of them will not exist. */
export const credentialsIn = (home: string): string[] => {
  const base = home.endsWith("/") ? home.slice(0, -1) : home;
  return inHome.map((path) => `${base}/${path}`);
};

/** Secrets of the system, outside of homes. */
export const systemSecrets: readonly string[] = onSystem;
