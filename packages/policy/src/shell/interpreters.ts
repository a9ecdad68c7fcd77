/** Interpreters: a file is a program like any other, but code in the arguments or from the input is not read here. */
import { type Expanded, fixed, isNoFile, isOperand } from "./expanded.ts";
import type { Call } from "./reading.ts";

interface Interpreter {
  /** Letters of options that are code, or read it from somewhere else than a file. */
  code: string;
  /** Letters of options that take a value; the rest of the word, or the next one. */
  valued: string;
  /** Long options that are code. */
  long?: readonly string[];
  /** Long options that take a value as the next word. */
  longValued?: readonly string[];
  /** Subcommands that are code. */
  subcommands?: readonly string[];
  /** An option after which the rest names a module, not code. */
  module?: string;
  /** Without arguments it does not read code from its input. */
  quiet?: true;
}

const shellLike: Interpreter = { code: "cis", valued: "" };
const lisp: Interpreter = { code: "ecilL", valued: "", long: ["eval", "load", "expr", "script"] };

const interpreters: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>([
  ["python", { code: "ci", valued: "WXQ", module: "m" }],
  ["pypy", { code: "ci", valued: "WX", module: "m" }],
  [
    "node",
    {
      code: "epi",
      valued: "rC",
      // An imported address may hold the code itself.
      long: ["eval", "print", "interactive", "import", "loader", "experimental-loader"],
      longValued: ["require", "conditions", "env-file"],
    },
  ],
  ["nodejs", { code: "epi", valued: "rC", long: ["eval", "print", "interactive", "import"], longValued: ["require"] }],
  ["bun", { code: "ep", valued: "", long: ["eval", "print"], subcommands: ["repl", "exec"], quiet: true }],
  ["deno", { code: "", valued: "", subcommands: ["eval", "repl"] }],
  ["perl", { code: "eEdMm", valued: "I" }],
  ["ruby", { code: "e", valued: "rICE", subcommands: [] }],
  ["irb", { code: "", valued: "" }],
  ["php", { code: "rBREaF", valued: "cdz", longValued: [] }],
  ["lua", { code: "ei", valued: "l" }],
  ["luajit", { code: "ei", valued: "lj" }],
  ["r", { code: "e", valued: "", long: ["interactive"] }],
  ["rscript", { code: "e", valued: "" }],
  ["julia", { code: "eEiL", valued: "Jptm", long: ["eval", "print", "load"] }],
  ["osascript", { code: "ei", valued: "l" }],
  ["tclsh", { code: "", valued: "" }],
  ["wish", { code: "", valued: "" }],
  ["groovy", { code: "e", valued: "" }],
  ["scala", { code: "e", valued: "" }],
  ["elixir", { code: "e", valued: "", long: ["eval", "rpc-eval"] }],
  ["erl", { code: "", valued: "", long: [] }],
  ["ocaml", { code: "e", valued: "I" }],
  ["ghc", { code: "e", valued: "", quiet: true }],
  ["octave", { code: "", valued: "", long: ["eval", "persist"] }],
  ["guile", lisp],
  ["racket", lisp],
  ["sbcl", lisp],
  ["emacs", { code: "lf", valued: "", long: ["eval", "execute", "load", "funcall"], quiet: true }],
  ["nu", shellLike],
  ["pwsh", { code: "ceC", valued: "", long: ["command"] }],
]);

/** False when it is none. */
export function readInterpreter(name: string, { args, place, reading }: Call): boolean {
  const interpreter = interpreters.get(name);
  if (!interpreter) return false;
  const what = codeIn(args, interpreter);
  if (what) reading.doubt(`${name} carries out ${what}.`, place.text);
  return true;
}

/** What stands for its code where that is no file; null where it is one. */
function codeIn(args: readonly Expanded[], interpreter: Interpreter): string | null {
  if (args.length === 1 && /^(-[vVh]|--version|--help)$/.test(args[0]?.text ?? "")) return null;
  const first = firstOperand(args, interpreter);
  if (typeof first === "string") return first === "module" ? null : first;
  if (first < args.length) return codeInOperand(args.slice(first), interpreter);
  return interpreter.quiet ? null : "what it reads from its input";
}

/** Where the options end, or what is known before that. */
function firstOperand(args: readonly Expanded[], interpreter: Interpreter): number | string {
  let at = 0;
  for (let word = args[0]; word !== undefined; word = args[at]) {
    const { text } = word;
    if (isOperand(word) || /^-{0,2}$/.test(text ?? "?")) return at;
    if (text === null) return "what depends on the run";
    const kind = kindOf(text, args[at + 1], interpreter);
    if (kind === "code" || kind === "module") return known[kind];
    at += kind === "value" ? 2 : 1;
  }
  return args.length;
}

const known = { code: "code among its arguments", module: "module" };

function kindOf(text: string, next: Expanded | undefined, interpreter: Interpreter): Kind {
  const kind = readOption(text, interpreter);
  return kind === "module" && takesCode(text, next) ? "code" : kind;
}

/** Modules of Python that carry out what their arguments or their input say. */
function takesCode(option: string, next: Expanded | undefined): boolean {
  const [, attached] = /m(.+)$/.exec(option) ?? [];
  return /^(timeit|code|pdb|asyncio|idlelib.*)?$/.test(attached ?? next?.text ?? "");
}

function codeInOperand(args: readonly Expanded[], { subcommands = [] }: Interpreter): string | null {
  const word = (args[0]?.text === "--" ? args[1] : args[0]) ?? fixed("-");
  if (word.text === null && !isOperand(word)) return "what depends on the run";
  if (isNoFile(word)) return "what it reads from its input";
  return subcommands.includes(word.start) ? "code among its arguments" : null;
}

type Kind = "code" | "module" | "value" | "flag";

function readOption(text: string, interpreter: Interpreter): Kind {
  const [, name = "", value] = /^--?([A-Za-z-]{2,})(=[\s\S]*)?$/.exec(text) ?? [];
  if (interpreter.long?.includes(name)) return "code";
  if (!text.startsWith("--")) return readLetters(text.slice(1), interpreter);
  return interpreter.longValued?.includes(name) && value === undefined ? "value" : "flag";
}

function readLetters(letters: string, { code, valued, module }: Interpreter): Kind {
  for (const [at, letter] of [...letters].entries()) {
    if (letter === module) return "module";
    if (code.includes(letter)) return "code";
    if (valued.includes(letter)) return at === letters.length - 1 ? "value" : "flag";
  }
  return "flag";
}
