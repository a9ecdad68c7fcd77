/**
 * What git is told before it looks at a repository. A repository's configuration can name programs (hooks, filters, diff
 * drivers, monitors, helpers), and agents can write repositories: none of it takes part.
 */

export interface Identity {
  name: string;
  email: string;
}

/** Settings of a repository, all values of each key in order, as `git config --list` gives them. */
export type Settings = ReadonlyMap<string, readonly string[]>;

export const lastOf = (settings: Settings, key: string): string | null => settings.get(key)?.at(-1) ?? null;

const neutral: Readonly<Record<string, string>> = {
  "core.fsmonitor": "false",
  "core.hooksPath": "/dev/null",
  "core.pager": "cat",
  "core.editor": "false",
  "core.askPass": "false",
  "core.sshCommand": "false",
  "core.alternateRefsCommand": "true",
  "core.attributesFile": "/dev/null",
  "core.quotePath": "false",
  "credential.helper": "",
  "commit.gpgSign": "false",
  "tag.gpgSign": "false",
  "push.gpgSign": "false",
  "log.showSignature": "false",
  "merge.verifySignatures": "false",
  "gpg.program": "false",
  "gpg.ssh.program": "false",
  "gpg.x509.program": "false",
  "protocol.allow": "never",
  "protocol.file.allow": "always",
  "submodule.recurse": "false",
  "fetch.recurseSubmodules": "false",
  "push.recurseSubmodules": "no",
  "fetch.writeCommitGraph": "false",
  "maintenance.auto": "false",
  "gc.auto": "0",
  "color.ui": "false",
  "column.ui": "never",
  "user.useConfigOnly": "true",
  "safe.directory": "*",
};

const drivers = /^(filter|merge)\.(.+)\.(?:clean|smudge|process|required|driver)$/s;

/** Settings that outweigh the repository's own. A driver without a program leaves every byte as it is. */
export function overrides(settings: Settings): Record<string, string> {
  const result: Record<string, string> = { ...neutral };
  for (const key of settings.keys()) {
    const [, kind, driver] = drivers.exec(key) ?? [];
    if (kind === "merge") result[`merge.${driver}.driver`] = "false";
    if (kind !== "filter") continue;
    for (const program of ["clean", "smudge", "process"]) result[`filter.${driver}.${program}`] = "";
    result[`filter.${driver}.required`] = "false";
  }
  return result;
}

/** Settings as environment variables: they outweigh every file and never show in an argument list. */
export function settingsEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(settings);
  const result: Record<string, string> = { GIT_CONFIG_COUNT: String(entries.length) };
  entries.forEach(([key, value], at) => {
    result[`GIT_CONFIG_KEY_${at}`] = key;
    result[`GIT_CONFIG_VALUE_${at}`] = value;
  });
  return result;
}

/** The environment of every contained git. `ceiling` is a directory at and above which no repository is looked for. */
export function cageEnvironment(settings: Readonly<Record<string, string>>, ceiling: string): Record<string, string> {
  return {
    ...settingsEnvironment(settings),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_CEILING_DIRECTORIES: ceiling,
    GIT_DISCOVERY_ACROSS_FILESYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_EDITOR: "false",
    GIT_SEQUENCE_EDITOR: "false",
    GIT_PAGER: "cat",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_ALLOW_PROTOCOL: "file",
    GIT_MERGE_AUTOEDIT: "no",
    LC_ALL: "C.UTF-8",
  };
}
