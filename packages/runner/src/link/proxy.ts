/** Which proxy the way to an address goes through, as the usual variables of the environment say it. */
import { PaddockError } from "@paddock/contract";

export interface HttpProxy {
  url: URL;
  /** The value of Proxy-Authorization; never shown. */
  authorization: string | null;
  /** As the proxy knows it; never shown either. */
  password: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Null where the address is reached directly. Throws invalid_config for a proxy that cannot be used. */
export function proxyFor(target: URL, environment: Environment): HttpProxy | null {
  if (loopback.has(target.hostname) || isExcepted(target, variable(environment, "no_proxy"))) return null;
  const name = target.protocol === "wss:" ? "https_proxy" : "http_proxy";
  const text = variable(environment, name) || variable(environment, "all_proxy");
  return text === "" ? null : readProxy(text, name);
}

const variable = (environment: Environment, name: string): string =>
  environment[name] ?? environment[name.toUpperCase()] ?? "";

/** `name` is what named it. Throws invalid_config. */
export function readProxy(text: string, name: string): HttpProxy {
  const full = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  // The text may hold a password, so that it is not repeated.
  if (!url || !/^https?:$/.test(url.protocol) || !isDecodable(url.username + url.password)) {
    throw new PaddockError("invalid_config", `${name} names no HTTP proxy.`, "Write it as http://HOST:PORT.");
  }
  const password = decodeURIComponent(url.password);
  const login = `${decodeURIComponent(url.username)}:${password}`;
  const authorization = login === ":" ? null : `Basic ${Buffer.from(login).toString("base64")}`;
  url.username = "";
  url.password = "";
  return { url, authorization, password: password || null };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Names match with what is below them; an entry may name a port. */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const ownPort = port || (protocol === "wss:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = "", wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      const bare = name.replace(/^\*?\./, "");
      return (!wantedPort || wantedPort === ownPort) && (hostname === bare || hostname.endsWith(`.${bare}`));
    });
}
