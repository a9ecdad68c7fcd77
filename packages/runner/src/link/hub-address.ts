/** The address of a hub as a person gives it, and where its link is. */
import { PaddockError } from "@paddock/contract";

export interface HubAddress {
  /** Of the hub, without a slash at its end. */
  url: string;
  /** Of its link. */
  link: URL;
}

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Throws invalid_input for what is no address of a hub, and for one without TLS beyond this machine unless `plain` says that the
 * owner wants it so.
 */
export function hubAddress(text: string, plain: boolean): HubAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw new PaddockError(
      "invalid_input",
      "That is not the address of a hub.",
      "Give it as https://HOST, without a login, query or fragment.",
    );
  }
  if (url.protocol === "http:" && !plain && !loopback.has(url.hostname)) {
    throw new PaddockError(
      "invalid_input",
      "This address has no TLS: who joins whom could be seen on the way.",
      "Use the https address, or say --plain if the way between the two is yours.",
    );
  }
  const base = url.href.replace(/\/+$/, "");
  return { url: base, link: new URL(`${base.replace(/^http/, "ws")}/link`) };
}
