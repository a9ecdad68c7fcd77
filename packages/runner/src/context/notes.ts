/** Notes that an agent leaves in the project's instruction file. */

const heading = "## Notes";

/** The file's text with one more note under its Notes heading, which is made at the end where there is none. */
export function withNote(text: string, note: string): { text: string; added: string } {
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.trim() === "" ? [] : text.trimEnd().split(/\r?\n/);
  const added = bulletOf(note);
  const at = lines.findIndex((line) => line.trim().toLowerCase() === heading.toLowerCase());
  if (at < 0) {
    const before = lines.length === 0 ? [] : [...lines, ""];
    return { text: join([...before, heading, "", ...added], ending), added: added.join("\n") };
  }
  const next = lines.findIndex((line, index) => index > at && /^#{1,2}\s/.test(line));
  let end = next < 0 ? lines.length : next;
  while (end > at + 1 && lines[end - 1]?.trim() === "") end -= 1;
  const gap = end === at + 1 ? [""] : [];
  const after = next < 0 ? [] : ["", ...lines.slice(next)];
  return { text: join([...lines.slice(0, end), ...gap, ...added, ...after], ending), added: added.join("\n") };
}

/** One list item: further lines are indented, so that a note cannot open a heading of its own. */
function bulletOf(note: string): string[] {
  const lines = note
    .replace(/[^\P{C}\n]/gu, " ")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "");
  return lines.map((line, index) => (index === 0 ? `- ${line.trim()}` : `  ${line}`));
}

const join = (lines: readonly string[], ending: string): string => lines.join(ending) + ending;
