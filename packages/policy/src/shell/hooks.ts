/** Programs that have work of their own, but start others where certain options say so. */
import { type Expanded, fixed, isOperand } from "./expanded.ts";
import { type Call, shellWords } from "./reading.ts";

interface Hooks {
  /** Options of one letter whose value is a command. */
  letters?: string;
  /** Long options whose value is a command. Their abbreviations count, too. */
  long?: readonly string[];
  /** Letters whose value is anything else, so that a word after them is no option. */
  values?: string;
  /** Any such word is a doubt. */
  doubtful?: RegExp;
}

const tar: Hooks = {
  letters: "IF",
  long: [
    "to-command",
    "use-compress-program",
    "info-script",
    "new-volume-script",
    "rsh-command",
    "rmt-command",
    "checkpoint-action",
  ],
  values: "fCXTbgKNVL",
  // The old style without a dash.
  doubtful: /^[a-zA-Z]*(?:[IF][a-zA-Z]*f|f[a-zA-Z]*[IF])[a-zA-Z]*$/,
};
const ssh: Hooks = {
  doubtful:
    /^-[a-zA-Z0-9]*o\s*(?!(?:BatchMode|ConnectTimeout|ConnectionAttempts|LogLevel|Port|Server\w+|StrictHostKeyChecking|User)\b)|^(?!(?:BatchMode|ConnectTimeout|ConnectionAttempts|LogLevel|Port|Server\w+|StrictHostKeyChecking|User)\b)\w*(?:Command|Provider|Agent|Proxy|Include|Match)\w*[= ]/i,
  values: "plLRDiJW",
};
const editor: Hooks = { doubtful: /^(\+.|-c|--cmd|-S|-s|-u|--startuptime)/ };
const sql: Hooks = { doubtful: /\\!|\bsystem\b|^-$|\\o\s*\||\\g\s*\|/i };

const programs: ReadonlyMap<string, Hooks> = new Map<string, Hooks>([
  ["tar", tar],
  ["gtar", tar],
  ["bsdtar", tar],
  ["rsync", { letters: "e", long: ["rsh"], values: "fBTM" }],
  ["ssh", ssh],
  ["scp", { ...ssh, letters: "S" }],
  ["sftp", { ...ssh, letters: "SD" }],
  ["sort", { long: ["compress-program"], values: "kotSTmc" }],
  ["split", { long: ["filter"], values: "abClnt" }],
  ["install", { long: ["strip-program"], values: "gmotS" }],
  ["zip", { doubtful: /^-[a-zA-Z]*T.*T|^--unzip-command/, values: "xibntP" }],
  ["man", { letters: "PH", long: ["pager", "html"], values: "CMSseEp" }],
  ["vim", editor],
  ["vi", editor],
  ["nvim", editor],
  ["view", editor],
  ["less", { doubtful: /^\+/ }],
  ["sqlite", { doubtful: /^\s*\.|^-(cmd|init)/ }],
  ["psql", sql],
  ["mysql", sql],
  ["mariadb", sql],
  [
    "make",
    {
      doubtful: /^(SHELL|MAKEFLAGS|\.SHELLFLAGS)=|^--ev|^-(f?-|f\/dev\/.*|f\/proc\/.*)$|^\/dev\/(stdin|fd\/.*)$/,
      values: "fCIjloW",
    },
  ],
  ["gmake", { doubtful: /^(SHELL|MAKEFLAGS|\.SHELLFLAGS)=|^--ev/, values: "fCIjloW" }],
  ["cmake", { doubtful: /^-[EP]/, values: "DGSBUTAC" }],
  ["wget", { doubtful: /^(-[a-zA-Z]*e|--exec|--use-ask)/, values: "OoPUi" }],
  ["nc", { letters: "ec", values: "ipswXx" }],
  ["apt", { letters: "oc", values: "t" }],
  ["apt-get", { letters: "oc", values: "t" }],
  ["tcpdump", { letters: "z", values: "ircwWCGs" }],
  ["xterm", { letters: "e" }],
  ["docker-compose", {}],
]);

/** False when it is none of them. */
export function readHooks(name: string, call: Call): boolean {
  const hooks = programs.get(name);
  if (!hooks) return false;
  for (const [at, word] of call.args.entries()) {
    if (word.text === "--") break;
    if (isHidden(word, call.args[at - 1], hooks) || !readWord(name, word, call.args[at + 1], hooks, call)) {
      call.reading.doubt(`${name} may start another program by one of its options.`, call.place.text);
      break;
    }
  }
  return true;
}

/** A word that depends on the run may be such an option. */
function isHidden(word: Expanded, before: Expanded | undefined, { values }: Hooks): boolean {
  if (word.text !== null || isOperand(word)) return false;
  const letter = /^-?[a-zA-Z]*([a-zA-Z])$/.exec(before?.text ?? "")?.[1] ?? "-";
  if (word.count !== "one") return true;
  const isAttached = word.start.length > 1 && values?.includes(word.start[1] ?? "") === true;
  return !isAttached && values?.includes(letter) !== true;
}

/** False where it is an option that starts what is not known. */
function readWord(name: string, { text }: Expanded, next: Expanded | undefined, hooks: Hooks, call: Call): boolean {
  if (text === null) return true;
  if (hooks.doubtful?.test(text)) return false;
  if (text.startsWith("--")) return readLong(name, text, next, hooks, call);
  const { letters = "" } = hooks;
  const at = text.startsWith("-") ? [...text].findIndex((letter) => letters.includes(letter)) : -1;
  if (at < 0) return true;
  if (at === text.length - 1) return readValue(name, `-${text[at]}`, next?.text ?? null, call);
  return at === 1 && readValue(name, text.slice(0, 2), text.slice(2), call);
}

function readLong(name: string, text: string, next: Expanded | undefined, { long = [] }: Hooks, call: Call): boolean {
  const [, option = "", value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(text) ?? [];
  const hook = long.find((each) => each.startsWith(option) && option.length > 2);
  return hook === undefined || readValue(name, `--${hook}`, value ?? next?.text ?? null, call);
}

function readValue(name: string, option: string, value: string | null, { place, further }: Call): boolean {
  if (value === null) return false;
  const isCheckpoint = option === "--checkpoint-action";
  if (isCheckpoint && /^(dot|echo|bell|wait|totals?|sleep|ttyout)\b/.test(value)) return true;
  const text = isCheckpoint ? value.replace(/^exec=/, "") : value;
  const through = [...place.through, `${name} ${option}`];
  further.start(shellWords(fixed(text)), { ...place, through, depth: place.depth + 1, input: null });
  return true;
}
