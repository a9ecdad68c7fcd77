/** Addresses of remotes, as data: what may be reached, how, and what a person is shown of it. Pure. */
import { PaddockError, printable } from "@paddock/contract";
import { lastOf, type Settings } from "./environment.ts";
import { refuseOption } from "./repository.ts";
import { withoutPasswords } from "./words.ts";

export type Address =
  | { type: "local"; path: string }
  | {
      type: "network";
      /** Without user name and password where those travel as `login`. */
      url: string;
      login: { protocol: string; host: string; user: string; password: string } | null;
      shown: string;
    };

/** What the remote's name stands for in the repository; a name that is not configured is an address itself. */
export function addressText(settings: Settings, remote: string, push: boolean): { text: string; configured: boolean } {
  refuseOption("remote", remote);
  const url = lastOf(settings, `remote.${remote}.url`);
  const text = (push ? lastOf(settings, `remote.${remote}.pushurl`) : null) ?? url;
  if (text !== null) return { text, configured: true };
  if (/[/:]/.test(remote)) return { text: remote, configured: false };
  throw new PaddockError(
    "git_failed",
    `There is no remote ${JSON.stringify(remote)}.`,
    "Name one that the repository has, or an address.",
  );
}

const refused = (text: string, why: string): PaddockError =>
  new PaddockError(
    "git_failed",
    `The address ${JSON.stringify(withoutPasswords(printable(text)).slice(0, 200))} ${why}.`,
    "Use https, http, ssh, or a path beneath a root.",
  );

/** Throws for every transport that could start a program or that nobody asked for. */
export function parseAddress(text: string): Address {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  if (/[\u0000-\u001f\u007f]/.test(text)) throw refused(text, "contains control characters");
  if (text === "" || text.startsWith("-")) throw refused(text, "begins with a dash or is empty");
  if (/^[^/:]*::/.test(text)) throw refused(text, "names a transport that runs a program");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return parseUrl(text);
  const [, host = "", path = ""] = /^([^/:]+|[^/:]*@\[[^\]]+\]|\[[^\]]+\]):(.*)$/.exec(text) ?? [];
  if (host === "") return { type: "local", path: text };
  if (/(^|@)-/.test(host) || path.startsWith("-")) throw refused(text, "has a host or path that begins with a dash");
  return { type: "network", url: text, login: null, shown: text };
}

function parseUrl(text: string): Address {
  if (!URL.canParse(text)) throw refused(text, "is not a valid URL");
  const url = new URL(text);
  const protocol = url.protocol.slice(0, -1);
  if (protocol === "file") return localUrl(text, url);
  if (protocol !== "https" && protocol !== "http" && protocol !== "ssh") {
    throw refused(text, `uses ${protocol}, which is not allowed`);
  }
  if (/^$|^-|^%2d/i.test(url.hostname) || /^(-|%2d)/i.test(url.username)) throw refused(text, "has an odd host");
  return protocol === "ssh" ? sshUrl(text, url) : httpUrl(text, protocol, url);
}

function localUrl(text: string, { hostname, pathname }: URL): Address {
  if (hostname !== "") throw refused(text, "names a file on another host");
  return { type: "local", path: decoded(text, pathname) };
}

function sshUrl(text: string, { password }: URL): Address {
  if (password !== "") throw refused(text, "carries a password, which ssh does not take");
  return { type: "network", url: text, login: null, shown: text };
}

function httpUrl(text: string, protocol: string, url: URL): Address {
  const { username, password, host } = url;
  url.username = "";
  url.password = "";
  if (username === "") return { type: "network", url: url.href, login: null, shown: url.href };
  const login = { protocol, host, user: decoded(text, username), password: decoded(text, password) };
  return { type: "network", url: url.href, login, shown: `${url.href} (with a login from the address)` };
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) throw refused(text, "is not a valid URL");
    throw error;
  }
}
