/** One simple command of a text: what it sets, and what it starts. */
import type { Assignment, Command, CommandArgument, HereDoc, HereString, Redirection } from "unbash";
import { isBuiltin, runBuiltin } from "./builtins.ts";
import { type Expanded, expand, fixed, oneWord } from "./expanded.ts";
import type { Numbers } from "./numbers.ts";
import { startProgram } from "./programs.ts";
import type { Further, Place, Reading } from "./reading.ts";
import { assign } from "./walk.ts";

export interface CommandParts {
  reading: Reading;
  numbers: Numbers;
  place: Place;
  further: Further;
}

export function readCommand(command: Command, source: string, parts: CommandParts): void {
  const { reading, place: outer, further } = parts;
  const walk = { ...parts, command: () => undefined };
  for (const part of command.prefix) if (part.type === "Assignment") assign(part, command.name === undefined, walk);
  if (!command.name) return;
  for (const argument of command.args) if (argument.type === "Assignment") assign(argument, true, walk);
  const words = [command.name, ...command.args].flatMap(wordsOf);
  const [first = fixed(""), ...args] = words;
  const place = { ...outer, text: source.slice(command.pos, command.end), input: inputOf(command.redirects) };
  const name = first.text;
  if (name === null || !isBuiltin(name)) {
    startProgram(words, { place, reading, further });
    return;
  }
  const kind = reading.functions.has(name) ? "function" : "builtin";
  reading.name({ program: name, args: args.map(({ text }) => text), through: place.through, text: place.text, kind });
  runBuiltin(name, { ...parts, args, place });
}

const wordsOf = (part: CommandArgument): readonly Expanded[] =>
  part.type === "Word" ? expand(part) : [assignmentWord(part)];

function assignmentWord({ name, value, text }: Assignment): Expanded {
  const known = value.type === "Word" ? expand(value)[0]?.text : null;
  return known == null ? oneWord(`${name}=`, text) : fixed(`${name}=${known}`);
}

/** What the command reads where it is written down here, whole and without expansions. */
function inputOf(redirects: readonly Redirection[]): string | null {
  const inputs = redirects.filter(({ operator, descriptor }) => operator.startsWith("<") && !descriptor);
  const last = inputs.at(-1);
  if (inputs.length !== redirects.filter(({ operator }) => operator.startsWith("<")).length) return null;
  if (last?.type === "HereDoc") return documentText(last);
  return last?.type === "HereString" ? stringText(last) : null;
}

function documentText({ operator, delimiter, body }: HereDoc): string | null {
  const isFixed = delimiter?.quoted === true || !/[$`\\]/.test(body.text);
  if (!isFixed) return null;
  return operator === "<<-" ? body.text.replace(/^\t+/gm, "") : body.text;
}

const stringText = ({ target }: HereString): string | null => (target && expand(target)[0]?.text) ?? null;
