/** Pieces of Markdown that the generated pages share. */

export const generatedNote = "<!-- Written by `npm run generate`. Change the source, not this page. -->\n";

/** A table; cells are escaped, so that a bar in a description cannot break it. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |\n`;
  return line(headings) + line(headings.map(() => "---")) + rows.map(line).join("");
}

export const code = (text: string): string => (text === "" ? "" : `\`${text}\``);

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
