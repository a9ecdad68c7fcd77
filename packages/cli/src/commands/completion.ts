/** Completion scripts, computed from the list of commands and of tools. */
import { PaddockError } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import type { CommandContext, CommandSpec } from "../command.ts";
import type { Shown } from "../shown.ts";

type Words = ReadonlyMap<string, readonly string[]>;

export async function run({ args: [shell = ""] }: CommandContext, commands: readonly CommandSpec[]): Promise<Shown> {
  const script = scripts[shell];
  if (!script) {
    throw new PaddockError(
      "invalid_input",
      `There is no completion for ${JSON.stringify(shell)}.`,
      "Say bash, zsh or fish.",
    );
  }
  const text = script(wordsByPrefix(commands));
  return { json: { shell, script: text }, text };
}

/** What may follow: "" for the first word, `token` for the second after it, `token create` for its options. */
function wordsByPrefix(commands: readonly CommandSpec[]): Words {
  const words = new Map<string, string[]>();
  const add = (prefix: string, word: string) => words.set(prefix, [...new Set([...(words.get(prefix) ?? []), word])]);
  for (const { usage, options = [] } of commands) {
    const path = usage.split(" ").filter((word) => /^[a-z]/.test(word));
    path.forEach((word, index) => {
      add(path.slice(0, index).join(" "), word);
    });
    for (const [flags] of [...options, ["--json"], ["--help"]]) add(path.join(" "), flags?.split(" ")[0] ?? "");
  }
  for (const shell of Object.keys(scripts)) add("completion", shell);
  for (const tool of Object.keys(tools)) add("call", tool);
  return words;
}

const cases = (words: Words): string =>
  [...words].map(([prefix, next]) => `    "${prefix}") next="${next.join(" ")}" ;;`).join("\n");

/** `path` and `words` mean something else to zsh, and must not be its variables' names. */
const scripts: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_paddock() {
  local next="" verb="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    verb="\${verb:+$verb }$word"
  done
  case "$verb" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _paddock paddock`,
  zsh: (words) => `#compdef paddock
_paddock() {
  local next="" verb="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && break
    verb="\${verb:+$verb }$word"
  done
  case "$verb" in
${cases(words)}
  esac
  if [[ -n $next ]]; then compadd -- \${=next}; else _files; fi
}
if [[ $funcstack[1] == _paddock ]]; then _paddock "$@"; else compdef _paddock paddock; fi`,
  fish: (words) => `function __paddock_verb
  set -l verb
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and break
    set -a verb $word
  end
  string join ' ' -- $verb
end
${[...words].map(([prefix, next]) => `complete -c paddock -f -n 'test "$(__paddock_verb)" = "${prefix}"' -a "${next.join(" ")}"`).join("\n")}`,
};
