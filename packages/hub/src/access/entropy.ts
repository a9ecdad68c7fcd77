/** Whether a secret that somebody made up could be guessed. */

const minLength = 32;
const maxLength = 256;
const minBits = 96;
/** Letters alone are words more often than chance. */
const words = /^[a-z_-]+$/i;

/** True for what is too short, too regular, or holds characters that no header carries. */
export function isWeak(secret: string): boolean {
  if (secret.length < minLength || secret.length > maxLength || !/^[\x21-\x7e]+$/.test(secret)) return true;
  if (words.test(secret)) return true;
  return Math.min(bitsByCharacter(secret), bitsByStep(secret)) < minBits;
}

/** Shannon's entropy of the characters: low where few characters repeat. */
const bitsByCharacter = (text: string): number => entropy([...text]);

/** The same of the steps between neighbours: low for `abcdef...` and for a short word repeated. */
const bitsByStep = (text: string): number => {
  const steps = [...text].map((_, index) => `${text.charCodeAt(index) - text.charCodeAt((index + 1) % text.length)}`);
  const period = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16].find(
    (length) => text === text.slice(0, length).repeat(text.length).slice(0, text.length),
  );
  return period === undefined ? entropy(steps) : 0;
};

function entropy(symbols: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / symbols.length);
  return bits;
}
