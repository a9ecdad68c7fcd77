/** The YAML block between `---` lines at the head of a Markdown file. */

export interface FrontMatter {
  /** Empty when there is none, or it is not a mapping. */
  fields: Readonly<Record<string, unknown>>;
  /** What follows it. */
  body: string;
}

const maxBytes = 8192;
const maxAliases = 10;

export async function frontMatter(text: string): Promise<FrontMatter> {
  const head = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text.slice(0, maxBytes));
  if (!head) return { fields: {}, body: text };
  const { parse } = await import("yaml");
  try {
    const fields: unknown = parse(head[1] ?? "", { maxAliasCount: maxAliases, logLevel: "error" });
    if (fields !== null && typeof fields === "object" && !Array.isArray(fields)) {
      return { fields: fields as Record<string, unknown>, body: text.slice(head[0].length) };
    }
  } catch {
    // Broken YAML of a workspace is shown as the text it is.
  }
  return { fields: {}, body: text };
}

/** A list of strings from a field that may be one string (separated by commas), a list, or anything else. */
export function strings(field: unknown, most: number): string[] {
  const list = typeof field === "string" ? field.split(/,(?![^{]*\})/) : Array.isArray(field) ? field : [];
  return list
    .filter((item): item is string => typeof item === "string")
    .map((item) => item.trim())
    .filter(Boolean)
    .slice(0, most);
}
