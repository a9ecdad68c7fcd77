/** A text with its places filled in. What is filled in is not looked at again, so that it can fill in nothing itself. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
