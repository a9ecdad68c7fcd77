/** Commands that bash carries out itself: those that lead to others, and those that change how the text is to be read. */
import { type BuiltinCall, doubt } from "./builtin-call.ts";
import { calculate, declare, declareAnywhere, isOption, namesAfter, printf, setNames, test } from "./builtin-names.ts";
import type { Expanded } from "./expanded.ts";
import { type Grammar, readOptions } from "./options.ts";

type Builtin = (call: BuiltinCall) => void;

const harmless = (
  ": bg break caller continue dirs disown echo exit false fg help history kill logout popd pwd return shift suspend times " +
  "true type ulimit umask unalias"
).split(" ");

const exporting = /^-([npf]+|-)$/;
const localOptions = /^[-+]([frtxlu]+|-)$/;
const declaringOptions = /^[-+]([aAfFgprtxlu]+|-)$/;

const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ...harmless.map((name) => [name, () => undefined] as const),
  ["eval", evaluate],
  ["source", (call) => doubt(call, "The commands of another file.")],
  [".", (call) => doubt(call, "The commands of another file.")],
  ["exec", (call) => startRest(call, { short: "cla:" })],
  ["command", command],
  ["builtin", startBuiltin],
  ["trap", trap],
  ["alias", (call) => unlessEmpty(call, "An alias changes what later words mean.")],
  ["enable", (call) => unlessEmpty(call, "It changes which commands the shell carries out itself.")],
  ["hash", (call) => unlessOnly(call, /^(-[rt]+|\w[\w.+-]*)$/, "It changes which file a program name means.")],
  ["bind", (call) => unlessEmpty(call, "It ties commands to keys.")],
  ["complete", (call) => unlessEmpty(call, "It ties commands to words.")],
  ["compopt", (call) => unlessEmpty(call, "It ties commands to words.")],
  ["compgen", (call) => unlessEmpty(call, "It may run a command.")],
  ["jobs", (call) => unlessOnly(call, /^(-[lnprs]+|%.*)$/, "It may run a command.")],
  ["fc", (call) => doubt(call, "It runs former commands.")],
  ["set", set],
  ["shopt", shopt],
  ["export", (call) => declare(call, exporting)],
  ["readonly", (call) => declare(call, exporting)],
  ["declare", (call) => declareAnywhere(call, declaringOptions)],
  ["typeset", (call) => declareAnywhere(call, declaringOptions)],
  ["local", (call) => declare(call, localOptions)],
  [
    "unset",
    (call) =>
      setNames(
        call,
        call.args.filter(({ text }) => !/^-[fvn]+$/.test(text ?? "")),
      ),
  ],
  ["read", (call) => namesAfter(call, { short: "ersa:d:i:n:N:p:t:u:" }, "a")],
  ["mapfile", (call) => namesAfter(call, { short: "td:n:O:s:u:" }, "")],
  ["readarray", (call) => namesAfter(call, { short: "td:n:O:s:u:" }, "")],
  ["wait", (call) => namesAfter({ ...call, args: call.args.filter(isOption) }, { short: "fnp:" }, "p")],
  ["getopts", (call) => setNames(call, call.args.slice(1, 2))],
  ["printf", printf],
  ["let", calculate],
  ["test", test],
  ["[", test],
  ["cd", changeDirectory],
  ["pushd", changeDirectory],
]);

export const isBuiltin = (name: string): boolean => builtins.has(name);

export function runBuiltin(name: string, call: BuiltinCall): void {
  builtins.get(name)?.(call);
}

function unlessEmpty(call: BuiltinCall, reason: string): void {
  if (call.args.length > 0) doubt(call, reason);
}

function unlessOnly(call: BuiltinCall, allowed: RegExp, reason: string): void {
  if (!call.args.every(({ text }) => text !== null && allowed.test(text))) doubt(call, reason);
}

function evaluate(call: BuiltinCall): void {
  const { args, place, further } = call;
  const words = args[0]?.text === "--" ? args.slice(1) : args;
  if (words.some(({ text }) => text === null)) doubt(call, "It evaluates a text that depends on the run.");
  const within = { ...place, depth: place.depth + 1, through: [...place.through, "eval"] };
  further.text(words.map(({ draft }) => draft).join(" "), within);
}

function startRest(call: BuiltinCall, grammar: Grammar): void {
  const options = readOptions(call.args, grammar);
  const place = { ...call.place, through: [...call.place.through, "exec"] };
  if (options === null) doubt(call, "Its options do not tell what it starts.");
  else if (options.rest.length > 0) call.further.start(options.rest, place);
}

function command(call: BuiltinCall): void {
  const options = readOptions(call.args, { short: "pVv" });
  if (options === null) doubt(call, "Its options do not tell what it starts.");
  else if (!options.given.some(({ name }) => name === "v" || name === "V")) inShell(call, options.rest, "command");
}

function startBuiltin(call: BuiltinCall): void {
  inShell(call, call.args[0]?.text === "--" ? call.args.slice(1) : call.args, "builtin");
}

/** A builtin where there is one of that name, else a program. */
function inShell(call: BuiltinCall, words: readonly Expanded[], wrapper: string): void {
  const [first, ...args] = words;
  const place = { ...call.place, through: [...call.place.through, wrapper] };
  const program = first?.text ?? null;
  if (program === null || !isBuiltin(program)) {
    call.further.start(words, place);
    return;
  }
  const texts = args.map(({ text }) => text);
  call.reading.name({ program, args: texts, through: place.through, text: place.text, kind: "builtin" });
  runBuiltin(program, { ...call, args, place });
}

function trap(call: BuiltinCall): void {
  const [first, ...signals] = call.args[0]?.text === "--" ? call.args.slice(1) : call.args;
  if (first === undefined || (first.text !== null && /^(-[lp]*|\d*)$/.test(first.text))) return;
  if (first.text === null) doubt(call, "It keeps a command that depends on the run.");
  if (signals.length === 0) return;
  const { place, further } = call;
  further.text(first.draft, { ...place, depth: place.depth + 1, through: [...place.through, "trap"] });
}

const harmlessFlags = /^[-+][aCeEfmnuvx]*$/;
const harmlessOption =
  /^[-+][aCeEfmnuvx]*o (errexit|nounset|xtrace|pipefail|noclobber|noglob|verbose|allexport|notify|monitor|errtrace)$/;

/** Some options of the shell change nothing about which programs a text starts. */
function set(call: BuiltinCall): void {
  const texts = call.args.map(({ text }) => text ?? "?");
  const end = texts.findIndex((text) => text === "--" || text === "-");
  const options = texts.slice(0, end < 0 ? undefined : end);
  const isHarmless = options.every(
    (text, at) =>
      harmlessFlags.test(text) ||
      harmlessOption.test(`${text} ${options[at + 1]}`) ||
      harmlessOption.test(`${options[at - 1]} ${text}`),
  );
  if (!isHarmless) doubt(call, "It changes how the shell reads commands.");
}

function shopt(call: BuiltinCall): void {
  const allowed =
    /^(-[suqp]+|nullglob|globstar|dotglob|nocaseglob|nocasematch|failglob|inherit_errexit|checkwinsize|lastpipe)$/;
  unlessOnly(call, allowed, "It changes how the shell reads commands.");
}

function changeDirectory({ args, reading }: BuiltinCall): void {
  const target = args.find(({ text }) => text === null || !/^-[LPe@n]*$/.test(text));
  if (target?.text != null) reading.directory(target.text);
}
