/**
 * Text from elsewhere as a person can safely look at it. Nothing steers a terminal, hides, reorders or passes for another
 * line: control, bidirectional and zero-width characters, blanks that only look like a space, invisible fillers and line ends
 * other than the plain one are shown as escapes. Line feeds and tabs stay.
 */
export const visible = (text: string): string => text.replaceAll(odd, escaped);

/** One line: what ends a line is shown as an escape as well. */
export const visibleLine = (text: string): string => visible(text).replaceAll(/[\n\t]/g, escaped);

/** Text as a terminal or a log can safely show it, letters of every script as they are: what steers, hides or reorders is escaped. */
export const printable = (text: string): string => text.replaceAll(steering, escaped);

/** The same on one line. */
export const printableLine = (text: string): string => printable(text).replaceAll(/[\n\t]/g, escaped);

const steering = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu;

const odd = /(?![\n\t ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]|(?<=\p{M}{2})\p{M}/gu;

const escaped = (mark: string): string => `\\u{${mark.codePointAt(0)?.toString(16)}}`;

/** Whether a word mixes letters of alphabets that look alike, as a name does that is made to be taken for another. */
export const mixesAlphabets = (text: string): boolean =>
  text.split(/[^\p{L}\p{N}]+/u).some((word) => {
    const latin = /\p{Script=Latin}/u.test(word);
    return latin && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(word);
  });
