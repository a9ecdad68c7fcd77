/**
 * Hides secrets in text that is kept or shown: logs, audit records, lists of recent commands. Those that this process holds
 * by their value, all others by the shapes that keys and tokens have; what that misses is why such text is kept as little
 * as possible.
 */
import { hideKnown } from "./known-secrets.ts";

export const hidden = "[hidden]";

/** What the name of a secret has in it, the rest of the name aside. */
const word =
  "(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|session[_-]?key|credentials?)";
/** A value: quoted, quoted within quotes, or up to the next white space. */
const value = `(?:\\\\+"[^"\\\\\\n]*\\\\+"|"(?:\\\\.|[^"\\\\\\n])*"?|'[^'\\n]*'?|[^\\s"',;&|]+)`;

/** Each keeps what stands before the secret, so that the rest of the text stays readable. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // Private keys in PEM.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  // Tokens that announce themselves.
  [
    /\b(?:pad_|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|npm_|sk-|sk_live_|rk_live_|xox[abeoprs]-|AIza|hf_|pypi-|tk_)[\w-]{8,}/g,
    hidden,
  ],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, hidden],
  // JSON web tokens.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, hidden],
  // Headers that carry credentials, and credentials in an address.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|private-token)(["']?\s*[:=]\s*["']?)[^\r\n"'\\]+/gi,
    `$1$2${hidden}`,
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@?#]*:)[^\s/@]+@/gi, `$1${hidden}@`],
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/:@?#]{16,}@/gi, `$1${hidden}@`],
  // NAME=value and "name": "value" where the name says what it is.
  [new RegExp(`(${word}\\w{0,20}\\\\*["']?\\s*[=:]\\s*)${value}`, "gi"), `$1${hidden}`],
  // Flags that take one, and the pair of name and password.
  [new RegExp(`(--[a-z-]{0,40}${word}(?:\\s+|=))${value}`, "gi"), `$1${hidden}`],
  [/(\s(?:-u|--user)(?:\s+|=)["']?[^\s:"']+:)[^\s"']+/g, `$1${hidden}`],
];

/** What every one of the shapes has in it: most texts have none of these, and need no further look. */
const hint =
  /[:=]|--|\s-u|PRIVATE KEY|AKIA|ASIA|AIza|eyJ|(?:pad|gh[pousr]|_pat|npm|_live|hf|tk)_|glpat-|sk-|xox|pypi-|bearer|basic/i;

/** The text with everything that looks like a secret replaced by `[hidden]`. Linear in the length of the text. */
export function maskSecrets(text: string): string {
  let masked = hideKnown(text);
  if (!hint.test(masked)) return masked;
  for (const [shape, replacement] of shapes) masked = masked.replaceAll(shape, replacement);
  return masked;
}

const secretName =
  /passw(?:or)?d|passphrase|secret|token$|apikey|accesskey|privatekey|sessionkey|credential|authorization|cookie|^pwd$/;

/** Whether a value of that name is a secret, whatever it looks like. */
export const isSecretName = (name: string): boolean =>
  secretName.test(
    name
      .slice(0, 128)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, ""),
  );
