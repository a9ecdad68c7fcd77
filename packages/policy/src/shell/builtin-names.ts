/** Builtins that set variables or look at them: by a name that is not what it seems they start programs. */
import { type BuiltinCall, doubt } from "./builtin-call.ts";
import { type Expanded, fixed, isOperand } from "./expanded.ts";
import { type Grammar, readOptions } from "./options.ts";
import { changesWhatRuns, isLoaded, isName } from "./variables.ts";

/** `declare`, `export` and the like. Assignments that the grammar knows as such were noted before. */
export function declare(call: BuiltinCall, allowed: RegExp): void {
  const options = call.args.filter(isOption);
  const isKnown = options.every(({ text }) => text !== null && allowed.test(text));
  const isAboutFunctions = options.some(({ text }) => /[fF]/.test(text ?? ""));
  if (!isKnown) doubt(call, "It changes what a variable means.");
  else if (!isAboutFunctions) for (const word of call.args.filter((each) => !isOption(each))) declareOne(call, word);
}

/** Where the variable is a list already, bash evaluates a value in parentheses, wherever it came from. */
export function declareAnywhere(call: BuiltinCall, allowed: RegExp): void {
  declare(call, allowed);
  if (call.args.some(({ text, start }) => text === null && start.includes("="))) {
    doubt(call, "It may evaluate the value that a variable gets.");
  }
}

function declareOne(call: BuiltinCall, { text, start }: Expanded): void {
  const [, name] = /^(\w+)(?:\[[^\]]*\])?\+?=/.exec(start) ?? [];
  if (name === undefined) {
    if (!isName(text ?? "")) doubt(call, "It sets variables that the text does not name.");
    return;
  }
  call.numbers.assign(name, text?.slice(text.indexOf("=") + 1) ?? null);
  if (changesWhatRuns(name)) doubt(call, `The variable ${name} changes what programs start.`);
  if (text !== null && (isLoaded(text) || (text.includes("=(") && /[$`]/.test(text))))
    doubt(call, "A variable gets text that arithmetic would run.");
}

export const isOption = ({ text, start }: Expanded): boolean => (text === null ? start === "" : /^[-+]/.test(text));

export function namesAfter(call: BuiltinCall, grammar: Grammar, valued: string): void {
  const options = readOptions(call.args, grammar);
  const { given, rest } = options ?? { given: [], rest: [] };
  setNames(call, [...given.flatMap(({ name, value }) => (valued.includes(name) && value ? [value] : [])), ...rest]);
  if (options === null) doubt(call, "It sets variables that the text does not name, or runs a command.");
}

export function setNames(call: BuiltinCall, words: readonly Expanded[]): void {
  for (const { text } of words) {
    if (text === null || !/^\w+(\[(\d+|[@*])\])?$/.test(text)) {
      doubt(call, "It sets variables that the text does not name.");
    } else {
      call.numbers.assign(text, null);
      if (changesWhatRuns(text)) doubt(call, `The variable ${text} changes what programs start.`);
    }
  }
}

export function printf(call: BuiltinCall): void {
  const [first, name] = call.args;
  if (!first) return;
  if (first.text === null && !isOperand(first)) doubt(call, "Its first word may be the option that sets a variable.");
  else if (first.text === "-v") setNames(call, name ? [name] : []);
  else if (first.start.startsWith("-v")) setNames(call, [fixed(first.start.slice(2))]);
}

export function calculate({ args, reading, further, place }: BuiltinCall): void {
  for (const { text } of args) {
    if (text !== null && /^[\w+\-*/%=<>!&|?:, ]+$/.test(text)) further.text(`((${text}))`, place);
    else reading.doubt("Arithmetic that may evaluate the content of a variable.", place.text);
  }
}

const binary = new Set("= == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef".split(" "));

/** `test -v` evaluates the index of a variable; a word that depends on the run may be that option. */
export function test(call: BuiltinCall): void {
  const { args } = call;
  const isRisky = args.some(({ text, count }, index) => {
    const next = args[index + 1];
    const before = args[index - 1]?.text ?? "";
    if (text === "-v" || text === "-R") return next !== undefined && next.text !== "]" && !isName(next.text ?? "");
    if (text !== null || before.startsWith("-") || binary.has(before)) return count === "any";
    return count !== "one" || !(next === undefined || isOperator(next.text));
  });
  if (isRisky) doubt(call, "A test that may evaluate the content of a variable.");
}

const isOperator = (text: string | null): boolean =>
  text !== null && (binary.has(text) || ["-a", "-o", ")", "]"].includes(text));
