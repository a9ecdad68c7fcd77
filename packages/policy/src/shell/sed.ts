/** sed: scripts that only change text are recognised; any other may run commands, as `s///e` and `e` do. */
import type { Expanded } from "./expanded.ts";
import { readOptions } from "./options.ts";
import type { Call } from "./reading.ts";

const grammar = {
  short: "nrEsuzi::e:l:",
  long: "quiet silent regexp-extended posix sandbox separate unbuffered null-data in-place? expression= line-length=",
};

/** False when it is another program. */
export function readSed(name: string, { args, reading, place }: Call): boolean {
  if (name !== "sed" && name !== "gsed") return false;
  if (!isPlain(args)) reading.doubt("The text that sed is given may run commands.", place.text);
  return true;
}

function isPlain(args: readonly Expanded[]): boolean {
  const scripts: Expanded[] = [];
  const operands: Expanded[] = [];
  let rest = args;
  // Options may stand behind the files, too.
  while (rest.length > 0) {
    const options = readOptions(rest, grammar);
    if (options === null) return false;
    scripts.push(...options.given.flatMap(({ name, value }) => (/^e/.test(name) && value ? [value] : [])));
    operands.push(...options.rest.slice(0, 1));
    rest = options.rest.slice(1);
  }
  const all = scripts.length > 0 ? scripts : operands.slice(0, 1);
  return all.every(({ text }) => text !== null && isPlainScript(text));
}

const address = String.raw`(?:\d+|\$|/(?:[^/\\\n]|\\.)*/[IM]*)(?:~\d+)?`;
const substitution = String.raw`s([^\w\s\\])(?:(?!\1)[^\\\n]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpiIm\d]*`;
const transliteration = String.raw`y([^\w\s\\])(?:(?!\2)[^\\\n]|\\.)*\2(?:(?!\2)[^\\\n]|\\.)*\2`;
const command = String.raw`[dpDPgGhHnNxl=qQ]|[bt] *\w*|: *\w+|[aic] ?\\?[^\n]*|[{}]`;
const step = new RegExp(
  String.raw`^(?:${address}(?: *, *[+~]?${address})? *!? *)?(?:${substitution}|${transliteration}|${command}) *(?=[;}\n]|$)`,
);

/** Steps that only change text. */
function isPlainScript(script: string): boolean {
  if (script.length > 2_000) return false;
  let rest = script;
  while (!/^[\s;}]*$/.test(rest)) {
    rest = rest.replace(/^[\s;]+/, "");
    const [found] = step.exec(rest) ?? [];
    if (found === undefined || found === "") return false;
    rest = rest.slice(found.length);
  }
  return true;
}
