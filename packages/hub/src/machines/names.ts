/** What a machine is called when nobody has said it: after its host name, and like no other. */
import { machineAlias } from "@paddock/contract/link";

const longest = 48;

/** The host name without its domain, as far as it fits into a name. */
export function aliasFrom(hostname: string): string {
  const [first = ""] = hostname.toLowerCase().split(".");
  const name = first
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, longest);
  return machineAlias.safeParse(name).success ? name : "machine";
}

/** The name, with a number behind it when it is taken. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}
