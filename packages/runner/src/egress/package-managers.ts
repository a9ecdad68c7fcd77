/**
 * The hosts that the package managers of this machine are configured to use, read as data from the owner's own files and
 * variables. No tool is run, no host is known here, and nothing is read that an agent could have written.
 */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { isBeneath } from "../sandbox/paths.ts";
import { type HostRule, ruleOf, shownRule, usualPort } from "./host-rules.ts";

interface Source {
  /** Below the home unless absolute; `*.x` as the last part stands for all files of a folder with that ending. */
  files: readonly string[];
  /** Captures of a line what holds addresses. */
  line: RegExp;
}

const sources: readonly Source[] = [
  {
    files: [".npmrc", "/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc", ".yarnrc"],
    line: /^\s*(?:@[^:\s]+:)?registry[\s=]\s*(.+)$/,
  },
  { files: [".yarnrc.yml"], line: /^\s*npmRegistryServer:\s*(.+)$/ },
  {
    files: [".config/pip/pip.conf", ".pip/pip.conf", "/etc/pip.conf", "/etc/xdg/pip/pip.conf"],
    // Further addresses of a value stand alone on lines that begin with blanks.
    line: /^\s*(?:(?:extra-)?index-url\s*[=:]|(?=\s+https?:))\s*(.+)$/,
  },
  {
    files: [".config/uv/uv.toml", "/etc/uv/uv.toml"],
    line: /^\s*(?:url|(?:default-|extra-)?index(?:-url)?)\s*=\s*(.+)$/,
  },
  {
    files: ["/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list", "/etc/apt/sources.list.d/*.sources"],
    line: /^\s*(?:deb(?:-src)?\s|URIs:)(.+)$/,
  },
  { files: [".cargo/config.toml", ".cargo/config"], line: /^\s*(?:index|registry)\s*=\s*(.+)$/ },
  { files: [".config/go/env"], line: /^GOPROXY=(.+)$/ },
  { files: [".gemrc", ".bundle/config"], line: /^\s*(?:-|BUNDLE_MIRROR[^:]*:)\s*(.+)$/ },
];

const variables =
  /^(?:npm_config_(?:.*:)?registry|YARN_NPM_REGISTRY_SERVER|PIP_(?:EXTRA_)?INDEX_URL|UV_(?:DEFAULT_|EXTRA_)?INDEX(?:_URL)?|CARGO_REGISTRIES_.*_INDEX|GOPROXY|BUNDLE_MIRROR__.*)$/i;

const maxFileBytes = 256 * 1024;

export interface WhereToLook {
  ownerHome: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Folders that agents can write: nothing in them counts. */
  workspaces: readonly string[];
}

export function packageManagerHosts({ ownerHome, environment, workspaces }: WhereToLook): HostRule[] {
  const texts = sources.flatMap(({ files, line }) =>
    files
      .flatMap((name) => filesAt(isAbsolute(name) ? name : join(ownerHome, name)))
      .flatMap((path) => linesOf(path, workspaces))
      .flatMap((text) => line.exec(text)?.[1] ?? []),
  );
  const set = Object.entries(environment).flatMap(([name, value]) => (variables.test(name) ? [value ?? ""] : []));
  const rules = [...texts, ...set].flatMap((text) => text.match(/https?:\/\/[^\s"',|;]+/g) ?? []).flatMap(hostIn);
  return [...new Map(rules.map((rule) => [shownRule(rule), rule])).values()];
}

/** Nothing but host and port is taken of an address: what else it holds may be a password. */
function hostIn(address: string): HostRule[] {
  const url = URL.parse(address);
  if (!url || url.hostname === "") return [];
  const isUsual = url.port === "" || Number(url.port) === usualPort[url.protocol === "https:" ? "tunnel" : "plain"];
  try {
    return [ruleOf(isUsual ? url.hostname : url.host, false)];
  } catch {
    // An address with a variable in it is none.
    return [];
  }
}

function filesAt(path: string): string[] {
  const [, folder, ending] = /^(.*)\/\*(\.\w+)$/.exec(path) ?? [];
  if (folder === undefined || ending === undefined) return [path];
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith(ending) ? [join(folder, name)] : []));
  } catch {
    return [];
  }
}

function linesOf(path: string, workspaces: readonly string[]): string[] {
  try {
    const real = realpathSync(path);
    if (workspaces.some((folder) => isBeneath(folder, real))) return [];
    const state = statSync(real);
    return state.isFile() && state.size <= maxFileBytes ? readFileSync(real, "utf8").split("\n") : [];
  } catch {
    // What is not there, or may not be read, configures nothing.
    return [];
  }
}
