/** The proxy that the owner has set for the way to the hub: a service that the system starts has no variables that name one. */
import { isAbsolute, join } from "node:path";
import { type Config, rememberSecret } from "@paddock/contract";
import { readSecret } from "../approvals/channels/secret-file.ts";
import { readProxy } from "./proxy.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `http://a:80`: without a login it is short. */
const shortest = 11;

/**
 * The environment, as if its variables named the proxy of the settings. `home` is where relative names of files start. Throws
 * invalid_config for a file that others can read, or that names no proxy.
 */
export function withHubProxy(environment: Environment, { hub_proxy_file: file }: Config, home: string): Environment {
  if (file === undefined) return environment;
  const address = readSecret("hub_proxy_file", isAbsolute(file) ? file : join(home, file), shortest);
  const { password } = readProxy(address, "hub_proxy_file");
  if (password !== null) rememberSecret(password);
  return { ...environment, http_proxy: address, https_proxy: address, no_proxy: "" };
}
