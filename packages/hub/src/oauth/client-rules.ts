/** What every client must keep to, however it came to be known: described by itself, registered, or added by the owner. */
import { PaddockError } from "@paddock/contract";
import { errors } from "oidc-provider";

const maxRedirects = 16;
const maxRedirectLength = 2_048;
const maxMetadataLength = 16_384;

/** Schemes that browsers and systems act on by themselves; an answer handed to one of these goes to no client. */
const takenSchemes: ReadonlySet<string> = new Set(
  "about blob chrome content data facetime file filesystem ftp ftps intent jar javascript mailto ms-msdt resource search-ms sip sips sms ssh tel vbscript view-source ws wss"
    .split(" ")
    .map((scheme) => `${scheme}:`),
);
/** Names and addresses as they stand in a Content-Security-Policy without further ado. */
const plainHost = /^([a-z0-9-]+\.)*[a-z0-9-]+$|^\[[0-9a-f:.]+\]$/;

/** Throws what the authorization server answers with. Makes the stricter of its two kinds of every client. */
export function checkClient(metadata: Record<string, unknown>): void {
  // Its rules: http to this machine only, on whichever port; https; or a scheme of the client's own.
  metadata.application_type = "native";
  if (JSON.stringify(metadata).length > maxMetadataLength) throw refused("the metadata is too long");
  const { redirect_uris: redirects, client_name: name } = metadata;
  if (name !== undefined && (typeof name !== "string" || name.length > 256)) throw refused("client_name is too long");
  if (!Array.isArray(redirects)) return;
  if (redirects.length > maxRedirects) throw refused(`at most ${maxRedirects} redirect_uris`);
  for (const redirect of redirects) checkRedirect(redirect);
}

function checkRedirect(redirect: unknown): void {
  const url = typeof redirect === "string" && redirect.length <= maxRedirectLength ? URL.parse(redirect) : null;
  if (!url) throw refused("redirect_uris must only contain addresses");
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  if (url.username !== "" || url.password !== "") throw refused("redirect_uris must not contain credentials");
  if (isWeb && !plainHost.test(url.hostname)) throw refused("redirect_uris must name a plain host");
  if (takenSchemes.has(url.protocol)) throw refused(`redirect_uris must not use ${url.protocol}`);
}

/** The same for what the owner adds. Throws invalid_input. */
export function checkAdded(redirects: readonly string[]): void {
  for (const redirect of redirects) {
    try {
      checkRedirect(redirect);
      checkLoopback(redirect);
    } catch (error) {
      if (!(error instanceof errors.InvalidClientMetadata)) throw error;
      throw new PaddockError("invalid_input", `${error.error_description}: ${redirect.slice(0, 200)}`);
    }
  }
}

/** What the library checks by itself when a client is used. */
function checkLoopback(redirect: string): void {
  const { protocol, hostname, hash } = new URL(redirect);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (hash !== "") throw refused("redirect_uris must not contain fragments");
  if (protocol === "http:" && !isLoopback) throw refused("plain http leads to this machine only");
  if (protocol === "https:" && isLoopback) throw refused("https leads to other machines only");
}

const refused = (why: string): Error => new errors.InvalidClientMetadata(why);

/** What the owner is shown of where an answer goes: a host, or the scheme of a program on the owner's own machine. */
export function redirectHost(redirect: string): string {
  const { protocol, host } = new URL(redirect);
  return protocol === "https:" || protocol === "http:" ? host : protocol;
}
