/**
 * How many values a JSON text holds, without parsing it: sixteen megabytes of brackets become more than a gigabyte of
 * objects, and no tool takes more than a few thousand values.
 */

const mostValues = 200_000;
/** What is shorter cannot hold enough to matter. */
const worthLooking = 128 * 1024;

const quote = 0x22;
const backslash = 0x5c;
/** Of `,`, `[` and `{`, one stands before each value but the outermost; what is between them is not looked at. */
const marks: ReadonlySet<number> = new Set([0x2c, 0x5b, 0x7b]);

export function hasTooManyValues(text: Buffer): boolean {
  if (text.length < worthLooking) return false;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte === quote) at = endOfString(text, at);
    else if (marks.has(byte)) values += 1;
    if (values > mostValues) return true;
  }
  return false;
}

/** Where the string that begins at `start` has its closing quote; the end of the text when it has none. */
function endOfString(text: Buffer, start: number): number {
  for (let end = text.indexOf(quote, start + 1); end > 0; end = text.indexOf(quote, end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
