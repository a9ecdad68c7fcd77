/** Text from elsewhere as its owner-to-be can safely look at it. */

const lines = 30;
const characters = 3000;
const hidden = /[^\P{C}\n\t]/gu;

/** Nothing steers a terminal or hides text: control, bidirectional and zero-width characters are shown as escapes. */
export function visible(text: string): string {
  return text.replace(hidden, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`);
}

/** The first lines; what is left out is counted, so that padding cannot pass for the end. */
export function previewOf(text: string): string {
  const kept = text.slice(0, characters).split("\n").slice(0, lines).join("\n");
  const left = text.length - kept.length;
  return visible(kept) + (left > 0 ? `\n[${left} more characters: read the whole text]` : "");
}
