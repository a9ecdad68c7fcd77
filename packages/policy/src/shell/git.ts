/** git, which starts what its configuration, some options and some subcommands name. */
import { type Expanded, fixed, isOperand } from "./expanded.ts";
import { readOptions } from "./options.ts";
import { type Call, shellWords } from "./reading.ts";

const globalOptions = {
  short: "C:c:pPhv",
  long:
    "git-dir= work-tree= namespace= bare no-pager paginate no-replace-objects literal-pathspecs no-optional-locks html-path " +
    "version help",
};

/** Settings by which git starts nothing. */
const harmlessSetting =
  /^(user\.(name|email)|init\.defaultbranch|color\.[\w.]+|advice\.\w+|core\.(quotepath|autocrlf|eol|filemode|abbrev|fsmonitor=false|hookspath=\/dev\/null)|commit\.gpgsign=false|tag\.gpgsign=false|log\.\w+|diff\.(renames|algorithm|color\w*|context|mnemonicprefix)|merge\.(conflictstyle|ff)|pull\.(rebase|ff)|push\.(default|autosetupremote)|fetch\.prune|rebase\.autostash|protocol\.version|http\.(lowspeed\w+|postbuffer)|branch\.autosetuprebase|rerere\.enabled|safe\.directory|column\.\w+|help\.autocorrect=0)(=|$)/i;

/** Where any word may turn into an option that starts a program. */
const sensitive = new Set(
  (
    "archive am bisect blame clone config difftool fast-import fetch fetch-pack filter-branch grep help hook imap-send instaweb " +
    "ls-remote mergetool pull push rebase receive-pack remote request-pull send-email send-pack shell show-branch " +
    "sh-i18n submodule svn upload-archive upload-pack web--browse worktree daemon http-backend"
  ).split(" "),
);
const opaque = new Set(
  "citool cvsimport cvsserver daemon difftool fast-import filter-branch filter-repo gui hook http-backend imap-send instaweb mergetool p4 send-email shell svn web--browse".split(
    " ",
  ),
);

const opaqueOption =
  /^(--up(l|lo|loa|load.*)?|--rece.*|--exec(=.*|-path.*|ut.*)?|--open.*|--ext-?.*|--conf(ig.*)?|--templ.*|--tool.*|--smtp.*|--sig.*-cmd.*)$|^ext::|^-c$|::/;

/** False when it is another program. */
export function readGit(name: string, call: Call): boolean {
  if (name !== "git") return false;
  if (!readArguments(call)) call.reading.doubt("git may start another program by this.", call.place.text);
  return true;
}

/** False where it may start what is not known. */
function readArguments(call: Call): boolean {
  const options = readOptions(call.args, globalOptions);
  if (!options) return false;
  const settings = options.given.filter(({ name }) => name === "c").map(({ value }) => value?.text ?? "");
  if (!settings.every((setting) => harmlessSetting.test(setting))) return false;
  const [subcommand, ...args] = options.rest;
  if (subcommand === undefined) return true;
  const name = subcommand.text;
  if (name === null || opaque.has(name)) return false;
  const isUnclear = (word: Expanded) =>
    word.text === null && !isOperand(word) && (sensitive.has(name) || word.count === "any");
  const end = args.findIndex(({ text }) => text === "--");
  if (args.slice(0, end < 0 ? undefined : end).some((word) => isUnclear(word) && !isQuiet(name))) return false;
  return readSubcommand(name, args, call);
}

/** Subcommands none of whose options starts a program by its value. */
const isQuiet = (name: string): boolean =>
  /^(add|branch|cat-file|checkout|cherry-pick|commit|describe|diff|log|ls-files|merge|mv|reset|restore|rev-list|rev-parse|rm|show|stash|status|switch|tag)$/.test(
    name,
  );

function readSubcommand(name: string, args: readonly Expanded[], call: Call): boolean {
  if (name === "config") return isHarmlessConfig(args);
  const [first, ...rest] = args;
  if (name === "bisect" && first?.text === "run") return start(rest, "git bisect run", call);
  if (name === "submodule" && args.some(({ text }) => text === "foreach")) return readForeach(args, call);
  if (name === "rebase") return readRebase(args, call);
  if (name === "grep" && args.some(({ text }) => /^-[a-zA-Z]*O/.test(text ?? ""))) return false;
  if (name === "clone" && args.some(({ text }) => /^-[a-z]*[uc]/.test(text ?? ""))) return false;
  if (isQuiet(name)) return true;
  return !args.some(({ text }) => text !== null && opaqueOption.test(text));
}

function isHarmlessConfig(args: readonly Expanded[]): boolean {
  const texts = args.map(({ text }) => text);
  if (texts.some((text) => text !== null && /^(--get.*|-l|--list|--unset.*|--show-.*|get|list|unset)$/.test(text)))
    return true;
  if (texts.some((text) => text !== null && /^(-e|--edit|-f|--file.*|--blob.*)$/.test(text))) return false;
  const [key, value] = texts.filter((text) => text === null || !text.startsWith("--"));
  if (key == null) return false;
  return value === undefined || harmlessSetting.test(`${key}=${value ?? ""}`);
}

function start(words: readonly Expanded[], through: string, { place, further }: Call): boolean {
  further.start(words, { ...place, through: [...place.through, through], depth: place.depth + 1, input: null });
  return true;
}

function readText(text: string | null | undefined, through: string, { place, further }: Call): boolean {
  if (text == null) return false;
  const inside = { ...place, through: [...place.through, through], depth: place.depth + 1, input: null };
  further.start(shellWords(fixed(text)), inside);
  return true;
}

function readForeach(args: readonly Expanded[], call: Call): boolean {
  const words = args.slice(args.findIndex(({ text }) => text === "foreach") + 1);
  const texts = words.map(({ text }) => text).filter((text) => !/^(--recursive|--quiet|-q)$/.test(text ?? ""));
  return !texts.includes(null) && readText(texts.join(" "), "git submodule foreach", call);
}

function readRebase(args: readonly Expanded[], call: Call): boolean {
  return args.every(({ text }, at) => {
    if (text === "-x" || text === "--exec") return readText(args[at + 1]?.text, "git rebase --exec", call);
    const [, value] = /^(?:--exec=|-x)([\s\S]+)$/.exec(text ?? "") ?? [];
    if (value !== undefined) return readText(value, "git rebase --exec", call);
    return !/^(--exe?|-[a-zA-Z]+x|-s|--strategy.*)$/.test(text ?? "");
  });
}
