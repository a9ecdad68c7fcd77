/** Text for an element of XML. */
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

export const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => entities[character] ?? character);
