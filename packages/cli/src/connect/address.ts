/** Which hub a client is to reach, and how it proves itself there. */
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { loadConfig } from "../config.ts";
import { control, whenRunning } from "../control/request.ts";
import type { Auth } from "./client.ts";

/** Without the slash at its end. */
export interface HubAddress {
  address: string;
  /** It was named, and may be that of another machine. */
  elsewhere: boolean;
}

/** `--url`, PADDOCK_URL, the public address of the settings, or where the hub listens; the first that there is. */
export async function hubAddressFor({ places, environment, options }: CommandContext): Promise<HubAddress> {
  const named = textOption(options, "url") ?? environment.PADDOCK_URL;
  if (named) return { address: checked(named), elsewhere: true };
  const hub = await whenRunning(control<{ url: string }>({ socket: places.hubControl, path: "/status" }));
  const { host, port, public_url: publicUrl } = loadConfig(places, environment).values;
  const address = hub?.url ?? publicUrl ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { address: address.replace(/\/+$/, ""), elsewhere: false };
}

function checked(named: string): string {
  const url = URL.canParse(named) ? new URL(named) : null;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.username) return url.origin;
  throw new PaddockError(
    "invalid_input",
    "That is not the address of a hub.",
    "Write https://HOST or http://HOST:PORT.",
  );
}

/** By default clients from outside sign in, and those on this machine bring a token. */
export function authFor({ options }: CommandContext, address: string): Auth {
  const wish = textOption(options, "auth");
  if (wish === "sign-in" || wish === "token") return wish;
  if (wish === undefined) return address.startsWith("https:") ? "sign-in" : "token";
  throw new PaddockError("invalid_input", "--auth is sign-in or token.", "Leave it out: the address decides.");
}
