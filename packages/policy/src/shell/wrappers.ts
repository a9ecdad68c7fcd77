/** Sees through programs that start the program which their arguments name. */
import { anyWords, type Expanded, fixed, oneWord } from "./expanded.ts";
import { type Options, readOptions } from "./options.ts";
import { type Call, type Place, shellWords } from "./reading.ts";
import { changesWhatRuns } from "./variables.ts";
import { opaqueStarters, type Wrapper, wrappers } from "./wrapper-table.ts";

/** False when it is none. */
export function readWrapper(name: string, call: Call): boolean {
  const wrapper = wrappers.get(name);
  const isOpaque = opaqueStarters.has(name) || /^ld(-linux|-musl|64)?[-.].*so/.test(name);
  if (!wrapper && !isOpaque) return false;
  if (!wrapper || !seeThrough(name, wrapper, call)) {
    call.reading.doubt(`${name} starts what its words say, but they do not tell what that is.`, call.place.text);
  }
  return true;
}

/** False where the words do not tell. */
function seeThrough(name: string, wrapper: Wrapper, call: Call): boolean {
  const args = wrapper.subcommand ? afterWords(call.args, wrapper.subcommand) : call.args;
  if (args === null) return true;
  const options = args && readOptions(args, wrapper);
  if (!options || has(options, wrapper.opaque)) return nameLikely(name, args ?? call.args, call);
  if (has(options, wrapper.idle)) return true;
  const input = wrapper.appends || wrapper.joined ? null : call.place.input;
  const place = { ...call.place, through: [...call.place.through, name], input };
  return readInside(wrapper, args, options, { ...call, place });
}

/** Where the words do not tell, the first that may be a program is named nevertheless. */
function nameLikely(name: string, args: readonly Expanded[], { place, further }: Call): false {
  const first = args.findIndex(({ text }) => text !== null && /^[^-]/.test(text));
  if (first >= 0)
    further.start(args.slice(first), { ...deeper(place), through: [...place.through, name], input: null });
  return false;
}

function readInside(wrapper: Wrapper, args: readonly Expanded[], options: Options, call: Call): boolean {
  if (wrapper.permutes) return readText(textsIn(wrapper, permuted(args, wrapper)), call);
  const later = wrapper.text ? readOptions(options.rest.slice(wrapper.operands?.length ?? 0), wrapper) : options;
  const texts = textsIn(
    wrapper,
    later === null || later === options ? options.given : [...options.given, ...later.given],
  );
  return texts?.length === 0 ? readWords(wrapper, options, call) : readText(texts, call);
}

/** null where the words begin differently; undefined where that is not known. */
function afterWords(args: readonly Expanded[], words: readonly string[]): readonly Expanded[] | null | undefined {
  for (const [index, word] of words.entries()) {
    const found = args[index];
    if (found === undefined) return null;
    if (found.text === word) continue;
    if (found.text === null) return undefined;
    return found.text.startsWith("-") && args.some(({ text }) => text === word || text === null) ? undefined : null;
  }
  return args.slice(words.length);
}

const has = ({ given }: Options, names: readonly string[] = []): boolean =>
  given.some(({ name }) => names.includes(name));

type Given = Options["given"];

/** The options between and after the operands as well; null where they do not tell. */
function permuted(args: readonly Expanded[], wrapper: Wrapper): Given | null {
  const given: Given[number][] = [];
  for (let rest = args; rest.length > 0; rest = rest.slice(1)) {
    const options = readOptions(rest, wrapper);
    if (options === null) return null;
    given.push(...options.given);
    rest = options.rest;
  }
  return given;
}

/** Texts for a shell; null where the options do not tell. */
function textsIn({ text: names = [] }: Wrapper, given: Given | null): Expanded[] | null {
  return given?.flatMap(({ name, value }) => (names.includes(name) && value ? [value] : [])) ?? null;
}

function readText(texts: readonly Expanded[] | null, { place, further }: Call): boolean {
  for (const text of texts ?? []) further.start(shellWords(text), { ...deeper(place), input: null });
  return texts?.length === 1;
}

function readWords(wrapper: Wrapper, options: Options, call: Call): boolean {
  const shapes = wrapper.operands ?? [];
  const operands = options.rest.slice(0, shapes.length);
  const isClear = operands.every((word, index) => word.count === "one" && isShaped(word, shapes[index]));
  const split = splitValue(wrapper, options);
  if (split === null) return false;
  const words = withoutAssignments(wrapper, [...split, ...options.rest.slice(shapes.length)], call);
  if (words === null) return false;
  if (words.length === 0) return !wrapper.elseShell;
  if (wrapper.joined && !has(options, wrapper.joined)) {
    readJoined(words, call);
    return isClear;
  }
  const replaced = wordsWithInput(wrapper, options, words);
  if (replaced === null) return false;
  // What seems to be the program is named in any case.
  call.further.start(replaced, deeper(call.place));
  return isClear;
}

const deeper = (place: Place): Place => ({ ...place, depth: place.depth + 1 });

/** A word that depends on the run is an operand only where it cannot be an option. */
const isShaped = ({ text, start }: Expanded, shape: RegExp | undefined): boolean =>
  text === null ? start !== "" && !start.startsWith("-") : (shape?.test(text) ?? true);

function splitValue({ split }: Wrapper, { given }: Options): Expanded[] | null {
  const option = given.find(({ name }) => split?.includes(name));
  if (!option) return [];
  const text = option.value?.text;
  if (text == null || /[\\$'"#]/.test(text)) return null;
  return text
    .split(/[ \t\n]+/)
    .filter((word) => word !== "")
    .map(fixed);
}

/** null where a word may be an assignment or not. */
function withoutAssignments({ assigns }: Wrapper, words: readonly Expanded[], call: Call): readonly Expanded[] | null {
  if (!assigns) return words;
  const rest = words[0]?.text === "-" ? words.slice(1) : words;
  const end = rest.findIndex(({ start }) => !start.includes("="));
  const assignments = rest.slice(0, end < 0 ? undefined : end);
  for (const { start } of assignments) {
    const name = start.slice(0, start.indexOf("="));
    if (changesWhatRuns(name)) call.reading.doubt(`The variable ${name} changes what programs start.`, call.place.text);
  }
  const program = rest[assignments.length];
  return program?.text === null || assignments.some(({ count }) => count !== "one")
    ? null
    : rest.slice(assignments.length);
}

function readJoined(words: readonly Expanded[], { place, further }: Call): void {
  const draft = words.map((word) => word.draft).join(" ");
  const isKnown = words.every(({ text }) => text !== null);
  further.start(shellWords(isKnown ? fixed(draft) : oneWord("", draft)), deeper(place));
}

/** What comes from the input is not known: words after these, or within them. */
function wordsWithInput(wrapper: Wrapper, { given }: Options, words: readonly Expanded[]): readonly Expanded[] | null {
  if (!wrapper.appends) return words;
  const replacing = given.find(({ name }) => wrapper.replaces?.includes(name));
  if (!replacing) return [...words, anyWords];
  const mark = replacing.value === null ? "{}" : replacing.value.text;
  return mark === null || mark === "" ? null : words.map((word) => withUnknown(word, mark));
}

/** A word in which the mark stands for something unknown. */
export function withUnknown(word: Expanded, mark: string): Expanded {
  const at = word.start.indexOf(mark);
  return at < 0 ? word : oneWord(word.start.slice(0, at), word.draft);
}
