/**
 * The secrets that this process holds, so that none of them appears where text is kept or shown, whatever its shape: also
 * in base64, percent encoding and hexadecimal digits. Whoever reads a secret remembers it here. One list for a process,
 * because a sink cannot know where a text has come from.
 */

const hidden = "[hidden]";

/** Shorter ones would hide ordinary words. */
const minLength = 8;
/** A longer one is hidden in parts of this length, so that a piece of it is hidden too. */
const partLength = 512;
const maxParts = 32;
/** The oldest are forgotten first: a secret that is renewed again and again must not fill the list. */
const maxSecrets = 256;

const formsOfSecret = new Map<string, readonly string[]>();
/** Every form by its first characters, the longest first. */
let byStart = new Map<string, string[]>();
/** One bit of a hash of the first characters, to pass over text quickly. */
let starts = new Uint8Array(4096);

/** From now on the value is hidden. Values that are too short to be told from other text are not. */
export function rememberSecret(value: string): void {
  const secret = value.trim();
  const parts = Array.from({ length: maxParts }, (_, at) => secret.slice(at * partLength, (at + 1) * partLength));
  const news = parts.filter((part) => part.length >= minLength && !formsOfSecret.has(part));
  if (news.length === 0) return;
  for (const part of news) formsOfSecret.set(part, formsOf(part));
  for (const oldest of [...formsOfSecret.keys()].slice(0, Math.max(0, formsOfSecret.size - maxSecrets)))
    formsOfSecret.delete(oldest);
  index();
}

/** The text without any secret that this process holds. One pass; nothing to do while there is none. */
export function hideKnown(text: string): string {
  if (byStart.size === 0) return text;
  let shown = "";
  let from = 0;
  for (let at = 0; at + minLength <= text.length; at += 1) {
    if (starts[startHash(text, at)] === 0) continue;
    const form = byStart.get(text.slice(at, at + minLength))?.find((candidate) => text.startsWith(candidate, at));
    if (form === undefined) continue;
    shown += text.slice(from, at) + hidden;
    from = at + form.length;
    at = from - 1;
  }
  return from === 0 ? text : shown + text.slice(from);
}

function index(): void {
  byStart = new Map();
  starts = new Uint8Array(4096);
  const forms = [...formsOfSecret.values()].flat().toSorted((a, b) => b.length - a.length);
  for (const form of forms) {
    const start = form.slice(0, minLength);
    byStart.set(start, [...(byStart.get(start) ?? []), form]);
    starts[startHash(form, 0)] = 1;
  }
}

const startHash = (text: string, at: number): number =>
  ((text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) * 31 + text.charCodeAt(at + 2)) & 4095;

function formsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const percent = encodeURIComponent(secret);
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replaceAll("%20", "+"),
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => base64Of(bytes, shift)),
  ];
  return [...new Set(forms)].filter((form) => form.length >= minLength);
}

/** What base64 makes of the bytes when so many others stand before them: the part that does not depend on the others. */
function base64Of(bytes: Uint8Array, shift: number): string[] {
  const text = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes));
  const begin = Math.ceil((shift * 8) / 6);
  const end = Math.floor(((shift + bytes.length) * 8) / 6);
  const core = text.slice(begin, end);
  return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
}
