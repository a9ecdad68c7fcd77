/** A word that bash reads as exactly this text. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
