/**
 * Hides what looks like a secret in text that is kept or shown: logs, audit records, lists of recent commands. It recognises
 * the shapes that keys and tokens have; what it misses is why such text is kept as little as possible.
 */

const hidden = "[hidden]";

/** Each keeps what stands before the secret, so that the rest of the text stays readable. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // Private keys in PEM.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  // Tokens that announce themselves.
  [
    /\b(?:pad_|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|npm_|sk-|sk_live_|rk_live_|xox[abeoprs]-|AIza|hf_|pypi-)[\w-]{8,}/g,
    hidden,
  ],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, hidden],
  // JSON web tokens.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, hidden],
  // Authorization headers, and credentials in an address.
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi, `$1${hidden}@`],
  // NAME=value and "name": "value" where the name says what it is.
  [
    /((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)["']?\s*[=:]\s*)(?:"[^"\n]*"|'[^'\n]*'|[^\s"',;&|]+)/gi,
    `$1${hidden}`,
  ],
  // Flags that take one.
  [
    /(--(?:password|passwd|passphrase|secret|token|api-key|access-key)(?:\s+|=))(?:"[^"\n]*"|'[^'\n]*'|\S+)/gi,
    `$1${hidden}`,
  ],
];

/** The text with everything that looks like a secret replaced by `[hidden]`. Linear in the length of the text. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const [shape, replacement] of shapes) masked = masked.replaceAll(shape, replacement);
  return masked;
}
