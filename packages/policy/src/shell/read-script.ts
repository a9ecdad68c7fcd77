/** Reads a shell text with bash's grammar and names what it would start. */
import { parse } from "unbash";
import { readCommand } from "./command.ts";
import { Numbers } from "./numbers.ts";
import { startProgram } from "./programs.ts";
import { type Further, type Place, Reading } from "./reading.ts";
import type { Script } from "./script.ts";
import { walkScript } from "./walk.ts";

const maxTextLength = 64 * 1024;
const maxDepth = 8;

/**
 * Never throws, and the work is bounded. What cannot be told is in `unresolved`; what was found nevertheless is in
 * `invocations`, so that a rule against a program holds in a text that nobody understands as well.
 */
export function readScript(text: string): Script {
  const reading = new Reading();
  const numbers = new Numbers();
  const further: Further = {
    text: (inner, place) => readText(inner, place, { reading, numbers, further }),
    start: (words, place) => startProgram(words, { place, reading, further }),
  };
  const place: Place = { through: [], text, depth: 0, dialect: "bash", input: null };
  if (/\0|(?<!\\)(?:\\\\)*\\$/.test(text)) reading.doubt("A character that shells leave out.", text);
  if (!isWithinStack(() => further.text(text.replaceAll("\0", ""), place)))
    reading.doubt("The text is too deeply nested to be read.", text);
  for (const use of numbers.betrayed()) {
    reading.doubt("Arithmetic with a variable that may hold more than a number.", use);
  }
  return reading.script();
}

interface Parts {
  reading: Reading;
  numbers: Numbers;
  further: Further;
}

function readText(text: string, place: Place, { reading, numbers, further }: Parts): void {
  if (text.length > maxTextLength || place.depth > maxDepth) {
    reading.doubt("The text is too long, or too deep within other texts, to be read.", text);
    return;
  }
  const walk = { reading, numbers, place };
  numbers.scope(() =>
    walkScript(parse(text), text, {
      ...walk,
      command: (command, source) => readCommand(command, source, { ...walk, further }),
    }),
  );
}

/** The parser goes down with the text, so a hostile text can be deeper than the stack. */
function isWithinStack(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
