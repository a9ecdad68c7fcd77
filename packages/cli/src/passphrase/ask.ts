/** Asks for a passphrase at the terminal, without showing it. */
import { on } from "node:events";
import { PaddockError } from "@paddock/contract/errors";

export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

const maxCharacters = 1024;

/** Throws cancelled when it is broken off, invalid_input where there is nobody to ask. */
export async function askHidden(question: string): Promise<string> {
  if (!canAsk()) {
    throw new PaddockError(
      "invalid_input",
      "A passphrase is typed at a terminal, and there is none.",
      "Run it in a terminal.",
    );
  }
  const { stdin, stderr } = process;
  // Nothing is shown from here on, also of what is typed too early.
  stdin.setRawMode(true).setEncoding("utf8").resume();
  try {
    stderr.write(question);
    return await typed(stdin);
  } finally {
    stdin.setRawMode(false).pause();
    stderr.write("\n");
  }
}

/** What a typed sign does: ends the line, breaks it off, or changes what was typed so far. */
const ends = new Set(["\r", "\n"]);
const breaks = new Set(["\u0003", "\u0004"]);
const changes: Readonly<Record<string, (text: string[]) => string[]>> = {
  "\b": (text) => text.slice(0, -1),
  "\u007f": (text) => text.slice(0, -1),
  "\u0015": () => [],
};
const added = (text: string[], sign: string): string[] => (text.length < maxCharacters ? [...text, sign] : text);

async function typed(stdin: NodeJS.ReadStream): Promise<string> {
  let text: string[] = [];
  for await (const [piece] of on(stdin, "data", { close: ["end"] })) {
    for (const sign of String(piece)) {
      if (ends.has(sign)) return text.join("");
      if (breaks.has(sign)) throw brokenOff();
      text = changes[sign]?.(text) ?? added(text, sign);
    }
  }
  throw brokenOff();
}

const brokenOff = () => new PaddockError("cancelled", "Nothing was changed.");
