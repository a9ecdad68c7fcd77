/** Shells that are started by a text: what they are given with `-c` or as their input is read as well. */
import { type Expanded, fixed, isNoFile, isOperand } from "./expanded.ts";
import { type Options, readOptions } from "./options.ts";
import type { Call, Place } from "./reading.ts";

const bashes = new Set(["bash", "rbash"]);
/** They share the plain part of bash's grammar. */
const posix = new Set(["sh", "dash", "ash"]);
/** They have a grammar of their own, so that reading them as bash tells only a part. */
const others = new Set(["ksh", "ksh93", "mksh", "yash", "zsh", "fish"]);

const short = "abcefhiklmnprstuvxBCDEHPTO:o:";
const long =
  "login norc noprofile noediting posix restricted verbose rcfile= init-file= debugger dump-strings dump-po-strings";
const harmlessOptions = /^(errexit|nounset|xtrace|pipefail|extglob|globstar|nullglob|posix)$/;

/** False when it is no shell. */
export function readShell(name: string, call: Call): boolean {
  if (!bashes.has(name) && !posix.has(name) && !others.has(name)) return false;
  const { args, reading, place } = call;
  if (args.length === 1 && /^(--version|--help)$/.test(args[0]?.text ?? "")) return true;
  if (others.has(name)) reading.doubt(`${name} has a grammar of its own.`, place.text);
  if (!readArguments(name, call)) reading.doubt(`What ${name} is to carry out depends on the run.`, place.text);
  return true;
}

function readArguments(name: string, call: Call): boolean {
  const { args, place } = call;
  const options = optionsOf(args);
  if (!options) return false;
  const values = options.given.filter(({ name: option }) => option === "o" || option === "O");
  if (!values.every(({ value }) => harmlessOptions.test(value?.text ?? ""))) return false;
  if (options.given.some(({ name: option }) => ["rcfile", "init-file", "i", "k", "B"].includes(option))) return false;
  const [first] = options.rest;
  const dialect = bashes.has(name) ? "bash" : "other";
  if (options.given.some(({ name: option }) => option === "c")) {
    return readText(first ?? null, `${name} -c`, dialect, call);
  }
  if (first === undefined || options.given.some(({ name: option }) => option === "s")) {
    return readText(place.input === null ? null : fixed(place.input), `${name} <<`, dialect, call);
  }
  return (first.text !== null || isOperand(first)) && !isNoFile(first);
}

/** Null where the text does not tell. A plus alone is an option without a letter. */
function optionsOf(args: readonly Expanded[]): Options | null {
  // `+x` switches an option off, and takes a value where `-x` does.
  const isSwitch = ({ text }: Expanded) => text !== null && /^\+[a-zA-Z]+$/.test(text);
  const options = readOptions(
    endedByDash(args).map((word) => (isSwitch(word) ? fixed(`-${word.start.slice(1)}`) : word)),
    { short, long },
  );
  return options?.rest[0]?.text === "+" ? null : options;
}

/** To a shell a dash alone ends the options, as two do: `sh -c - TEXT` carries the text out. */
function endedByDash(args: readonly Expanded[]): readonly Expanded[] {
  const end = args.findIndex(({ text }) => text === "-" || text === "--");
  return args.map((word, at) => (at === end ? fixed("--") : word));
}

/** What can be seen of the text counts even where it is not all that will be carried out. */
function readText(
  word: Expanded | null,
  through: string,
  dialect: Place["dialect"],
  { place, further }: Call,
): boolean {
  if (word === null) return false;
  const inside = { through: [...place.through, through], depth: place.depth + 1, input: null, dialect };
  further.text(word.draft, { ...place, ...inside });
  return word.text !== null;
}
