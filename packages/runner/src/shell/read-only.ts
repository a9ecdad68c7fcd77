/**
 * Whether a command can be seen, without running it, to leave all files as they are. It saves such commands the snapshot of
 * the workspace; it protects nothing. What is not understood counts as changing.
 */
import { type Command, forEachChild, parse, type Redirect, type SyntaxNode, type Word } from "unbash";

const longest = 4_000;

/** Leave files alone whatever their arguments. */
const harmless = new Set(
  (
    ": [ basename cat cd cksum cmp comm cut date df diff dirname du echo egrep exit export false fgrep file fold grep groups head " +
    "hexdump history id jobs jq ls md5sum nl nproc od paste printenv printf ps pwd readlink realpath seq set sha1sum sha256sum " +
    "shopt sleep stat strings tac tail test tr true tty type ulimit umask uname unset uptime wait wc whereis which who whoami"
  ).split(" "),
);

/** Leave files alone unless an argument begins with one of these. Every argument has to be spelled out. */
const harmlessWithout: Readonly<Record<string, readonly string[]>> = {
  find: ["-delete", "-exec", "-ok", "-fprint", "-fls"],
  rg: ["--pre", "--hostname-bin"],
  sort: ["-o", "--o", "--compress", "-T"],
  tree: ["-o"],
};

/** Subcommands of git that only look. */
const gitLooks = new Set(
  (
    "blame cat-file count-objects describe diff diff-tree for-each-ref grep log ls-files ls-tree merge-base name-rev " +
    "rev-list rev-parse shortlog show show-ref status version"
  ).split(" "),
);
const gitActs = ["--output", "-o", "--ext-diff", "-O", "--open-files-in-pager", "--textconv"];

/** Programs that only say their version when that is all they are asked. */
const versioned = new Set(
  "bash bun cargo deno gcc git go java make node npm pip pnpm python python3 ruby rustc tsc yarn".split(" "),
);
const versionFlags = new Set(["--version", "-v", "-V", "version"]);

/** Parts of a command in which nothing else can hide; a substitution is none of them. */
const plain = new Set([
  "AndOr",
  "Assignment",
  "Command",
  "DoubleQuoted",
  "FileDescriptor",
  "Glob",
  "Literal",
  "Negation",
  "Pipeline",
  "Redirect",
  "Script",
  "SimpleExpansion",
  "SingleQuoted",
  "Statement",
  "Word",
]);

export function isReadOnlyCommand(command: string): boolean {
  if (command.length > longest) return false;
  const script = parse(command);
  return !script.errors?.length && isReadOnly(script);
}

function isReadOnly(node: SyntaxNode): boolean {
  if (!plain.has(node.type)) return false;
  if (node.type === "Redirect" && !isHarmlessRedirect(node)) return false;
  if (node.type === "Command" && !isHarmlessCommand(node)) return false;
  let all = true;
  forEachChild(node, (child) => {
    all &&= isReadOnly(child);
  });
  return all;
}

function isHarmlessRedirect({ operator, target }: Redirect): boolean {
  if (operator === "<") return true;
  if (!target || literal(target) === null) return false;
  return operator === ">&" ? /^(\d+|-)$/.test(target.value) : operator !== "<>" && target.value === "/dev/null";
}

function isHarmlessCommand({ name, args }: Command): boolean {
  if (!name) return true;
  const program = literal(name);
  if (program === null) return false;
  if (harmless.has(program)) return true;
  const words = args.map((argument) => (argument.type === "Word" ? literal(argument) : null));
  if (!words.every((word) => word !== null)) return false;
  if (versioned.has(program) && words.length === 1 && versionFlags.has(words[0] ?? "")) return true;
  if (program === "git") return isHarmlessGit(words);
  const forbidden = harmlessWithout[program];
  return forbidden !== undefined && !words.some((word) => forbidden.some((start) => word.startsWith(start)));
}

function isHarmlessGit(words: readonly string[]): boolean {
  const subcommand = words[0] === "--no-pager" ? words[1] : words[0];
  return gitLooks.has(subcommand ?? "") && !words.some((word) => gitActs.some((start) => word.startsWith(start)));
}

/** The text of a word that nothing is expanded in; null otherwise. */
function literal({ value, parts }: Word): string | null {
  const isFixed = (parts ?? []).every(({ type }) => type === "Literal" || type === "SingleQuoted");
  return isFixed ? value : null;
}
