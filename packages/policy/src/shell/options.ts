/** Options as getopt reads them, up to the first word that is none. */
import { anyWords, type Expanded, fixed } from "./expanded.ts";

/**
 * `short` as for getopt(3): a colon says that a value follows, two that it is attached or absent. `long` by words: `name`,
 * `name=` with a value, `name?` with an attached one or none.
 */
export interface Grammar {
  short?: string;
  long?: string;
  /** A number behind the dash is an option, too, as in `nice -5`. */
  digits?: boolean;
}

export interface Options {
  /** By name without dashes; null where the value depends on the run. */
  given: readonly { name: string; value: Expanded | null }[];
  rest: readonly Expanded[];
}

/** null where the text does not tell, or where the grammar is another one than is known here. */
export function readOptions(args: readonly Expanded[], grammar: Grammar): Options | null {
  const given: Found[] = [];
  let at = 0;
  for (let word = args[at]; word !== undefined && !isOther(word) && word.text !== "--"; word = args[at]) {
    const found = word.text === null ? null : optionsIn(word.text, grammar);
    if (found === null) return null;
    given.push(...found);
    at += 1;
    const last = found.at(-1);
    if (!last?.isOpen) continue;
    last.value = args[at] ?? anyWords;
    if (last.value.count !== "one") return null;
    at += 1;
  }
  return { given, rest: args.slice(args[at]?.text === "--" ? at + 1 : at) };
}

const optionsIn = (text: string, grammar: Grammar): Found[] | null =>
  text.startsWith("--") ? longOption(text, grammar) : shortOptions(text, grammar);

interface Found {
  name: string;
  value: Expanded | null;
  /** Its value is the next word. */
  isOpen: boolean;
}

/** The first word that is no option ends them. */
function isOther({ text, start, count }: Expanded): boolean {
  if (text !== null) return text === "-" || !text.startsWith("-");
  return count !== "any" && start !== "" && !start.startsWith("-");
}

function longOption(text: string, { long = "" }: Grammar): Found[] | null {
  const [, name = "", value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(text) ?? [];
  const known = long.split(" ");
  if (value === undefined) {
    if (known.includes(name) || known.includes(`${name}?`)) return [{ name, value: null, isOpen: false }];
    return known.includes(`${name}=`) ? [{ name, value: null, isOpen: true }] : null;
  }
  const takes = known.includes(`${name}=`) || known.includes(`${name}?`);
  return takes ? [{ name, value: fixed(value), isOpen: false }] : null;
}

function shortOptions(text: string, { short = "", digits = false }: Grammar): Found[] | null {
  if (digits && /^-\d+$/.test(text)) return [];
  const found: Found[] = [];
  for (let at = 1; at < text.length; at += 1) {
    const name = text[at] ?? "";
    const index = name === ":" ? -1 : short.indexOf(name);
    if (index < 0) return null;
    const colons = /^:*/.exec(short.slice(index + 1))?.[0].length ?? 0;
    if (colons > 0) return [...found, withValue(name, text.slice(at + 1), colons === 1)];
    found.push({ name, value: null, isOpen: false });
  }
  return found;
}

const withValue = (name: string, attached: string, isNeeded: boolean): Found =>
  attached === "" ? { name, value: null, isOpen: isNeeded } : { name, value: fixed(attached), isOpen: false };
