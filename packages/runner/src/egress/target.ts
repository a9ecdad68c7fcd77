/** What a program in a cage wants to reach, in the one form in which it is compared, asked about and logged. Pure. */
import { isIP } from "node:net";

export interface Target {
  /** Lower case, no trailing dot, IDNA; an address in its shortest form, IPv6 without brackets. */
  host: string;
  port: number;
}

const maxHostLength = 253;
/** What an address could hide in before it is taken apart: user names, paths, escapes, zones. */
const suspicious = /[\s%@/\\?#<>^`{|}"]|\p{C}/u;
/** What is left in the normal form of any name or address. */
const ordinary = /^[a-z0-9._:-]+$/;

/** The normal form of a name or an address, which may be written in any way that URLs allow; null for anything else. */
export function hostOf(text: string): string | null {
  if (text === "" || text.length > 4 * maxHostLength || suspicious.test(text)) return null;
  const inBrackets = text.startsWith("[");
  if (!inBrackets && text.includes(":") && isIP(text) !== 6) return null;
  const name = URL.parse(`http://${isIP(text) === 6 ? `[${text}]` : text}/`)?.hostname ?? "";
  const bare = name.startsWith("[") ? name.slice(1, -1) : name.replace(/\.$/, "");
  return bare.length <= maxHostLength && ordinary.test(bare) && !/\.\.|\.$/.test(bare) ? bare : null;
}

/** `host:port` as CONNECT and Host headers have it; `port` is what counts where none is written. */
export function targetOf(authority: string, port: number | null): Target | null {
  const [, name = "", digits] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(authority) ?? [];
  const host = hostOf(name);
  const number = digits === undefined ? port : Number(digits);
  if (host === null || number === null || number < 1 || number > 65_535) return null;
  return { host, port: number };
}

/** As people read it. */
export const shownTarget = ({ host, port }: Target): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
