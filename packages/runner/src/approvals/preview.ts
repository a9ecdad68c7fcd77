/** The beginning of a text from elsewhere, as its owner-to-be can safely look at it. */
import { visible } from "@paddock/contract";

const lines = 30;
const characters = 3000;

/** The first lines; what is left out is counted, so that padding cannot pass for the end. */
export function previewOf(text: string): string {
  const kept = text.slice(0, characters).split("\n").slice(0, lines).join("\n");
  const left = text.length - kept.length;
  return visible(kept) + (left > 0 ? `\n[${left} more characters: read the whole text]` : "");
}
