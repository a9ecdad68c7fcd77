/** The hosts that cages may reach without a question, as the owner lists them, and what that says about a target. Pure. */
import { isIP } from "node:net";
import { PaddockError } from "@paddock/contract";
import type { Reach } from "./addresses.ts";
import { hostOf, shownTarget, type Target, targetOf } from "./target.ts";

export const networkModes = ["none", "allowlist", "open"] as const;
export type NetworkMode = (typeof networkModes)[number];

export interface HostRule {
  /** A name, an address, or `*.` and a name for all that lies below it. */
  host: string;
  /** Null for the usual two: 443 through CONNECT, 80 for plain HTTP. */
  port: number | null;
  /** Whether the name may lead to an address of the owner's own networks. */
  internal: boolean;
}

export type Way = "tunnel" | "plain" | "git";
export const usualPort = { tunnel: 443, plain: 80, git: 443 } as const satisfies Record<Way, number>;

/** `HOST`, `HOST:PORT` or `*.HOST`. Throws invalid_input. */
export function ruleOf(text: string, isInternal: boolean): HostRule {
  const wild = text.startsWith("*.");
  const name = wild ? text.slice(2) : text;
  const target = targetOf(name, null);
  const host = target?.host ?? hostOf(name);
  if (host === null || (wild && isIP(host) !== 0)) {
    throw new PaddockError(
      "invalid_input",
      `${JSON.stringify(text.slice(0, 300))} is no host.`,
      "Give a host, HOST:PORT, or *.HOST for all that lies below it.",
    );
  }
  return { host: wild ? `*.${host}` : host, port: target?.port ?? null, internal: isInternal };
}

/** As people write and read a rule. */
export const shownRule = ({ host, port }: Pick<HostRule, "host" | "port">): string =>
  port === null ? host : shownTarget({ host, port });

/** How far the target may be followed by the rules that name it; null when none does. */
export function reachBy(rules: readonly HostRule[], target: Target, way: Way): Reach | null {
  const found = rules.filter((rule) => names(rule, target, way));
  if (found.length === 0) return null;
  if (isIP(target.host) !== 0) return "named";
  return found.some((rule) => rule.internal) ? "internal" : "public";
}

function names({ host, port }: HostRule, target: Target, way: Way): boolean {
  if (target.port !== (port ?? usualPort[way])) return false;
  return host.startsWith("*.") ? target.host.endsWith(host.slice(1)) && isIP(target.host) === 0 : host === target.host;
}
