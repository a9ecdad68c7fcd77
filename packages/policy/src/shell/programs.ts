/** A program that is started: it is named, and where its arguments start others, those are named too. */

import { readAwk } from "./awk.ts";
import type { Expanded } from "./expanded.ts";
import { readFind } from "./find.ts";
import { readGit } from "./git.ts";
import { readHooks } from "./hooks.ts";
import { readInterpreter } from "./interpreters.ts";
import type { Call, Further, Place, Reading } from "./reading.ts";
import { readSed } from "./sed.ts";
import { readShell } from "./shells.ts";
import { readWrapper } from "./wrappers.ts";

const maxDepth = 16;

export interface ProgramParts {
  reading: Reading;
  further: Further;
  place: Place;
}

export function startProgram(words: readonly Expanded[], parts: ProgramParts): void {
  const { reading, place } = parts;
  const [first, ...args] = words;
  if (!first || !reading.spend(words.length)) return;
  const program = first.text;
  const isDefined = program !== null && place.through.length === 0 && reading.functions.has(program);
  const texts = args.map(({ text }) => text);
  const kind = isDefined ? "function" : "program";
  reading.name({ program, args: texts, through: place.through, text: place.text, kind });
  if (program === null) reading.doubt("Which program this starts depends on the run.", place.text);
  else if (place.depth > maxDepth) reading.doubt("Too many programs within programs.", place.text);
  else readArguments(program, { ...parts, args });
}

/** By its name in the tables, which may be without the version. */
function readArguments(program: string, call: Call): void {
  const name = program.slice(program.lastIndexOf("/") + 1).toLowerCase();
  const isOf = (own: string) => readers.some((read) => read(own, call));
  if (!isOf(name)) isOf(name.replace(/(?<=^[a-z][a-z_+]*)-?\d[\d.]*$|\.exe$/, ""));
}

/** Each tells whether the program is one of its own. */
type Reader = (name: string, call: Call) => boolean;

const readers: readonly Reader[] = [
  readWrapper,
  readShell,
  readInterpreter,
  readFind,
  readGit,
  readAwk,
  readSed,
  readHooks,
];
