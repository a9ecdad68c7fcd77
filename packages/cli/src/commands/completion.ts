/** Completion scripts, computed from the list of commands and of tools. */
import { PaddockError } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import type { CommandContext, CommandSpec } from "../command.ts";
import type { Shown } from "../shown.ts";

/** What may follow the words typed so far: "" for the first, `token` for the second after it. */
interface Choices {
  words: ReadonlyMap<string, readonly string[]>;
  /** By whole verb, `token create`. */
  flags: ReadonlyMap<string, readonly string[]>;
}

export async function run({ args: [shell = ""] }: CommandContext, commands: readonly CommandSpec[]): Promise<Shown> {
  const script = scripts[shell];
  if (!script) {
    throw new PaddockError(
      "invalid_input",
      `There is no completion for ${JSON.stringify(shell)}.`,
      "Say bash, zsh or fish.",
    );
  }
  const text = script(choicesOf(commands));
  return { json: { shell, script: text }, text };
}

function choicesOf(commands: readonly CommandSpec[]): Choices {
  const words = new Map<string, string[]>();
  const flags = new Map<string, string[]>();
  const add = (prefix: string, word: string) => words.set(prefix, [...new Set([...(words.get(prefix) ?? []), word])]);
  for (const { usage, options = [] } of commands) {
    const path = usage.split(" ").filter((word) => /^[a-z]/.test(word));
    path.forEach((word, index) => {
      add(path.slice(0, index).join(" "), word);
    });
    flags.set(path.join(" "), [...options.map(([flag]) => flag.split(" ")[0] ?? ""), "--json", "--help"]);
  }
  for (const shell of Object.keys(scripts)) add("completion", shell);
  for (const tool of Object.keys(tools)) add("call", tool);
  return { words, flags };
}

const listed = (choices: ReadonlyMap<string, readonly string[]>, pattern: (verb: string) => string): string =>
  [...choices].map(([verb, next]) => `    ${pattern(verb)}) next="${next.join(" ")}" ;;`).join("\n");

/** The same for bash and zsh, from what was typed before (`verb`) and the word that is typed now (`now`). */
const chosen = ({ words, flags }: Choices): string => `  if [[ $now == -* ]]; then case "$verb" in
${listed(flags, (verb) => `"${verb}"|"${verb} "*`)}
  esac; else case "$verb" in
${listed(words, (verb) => `"${verb}"`)}
  esac; fi`;

/** `path` and `words` mean something else to zsh, and must not be its variables' names. */
const scripts: Readonly<Record<string, (choices: Choices) => string>> = {
  bash: (choices) => `_paddock() {
  local next="" verb="" word now="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    verb="\${verb:+$verb }$word"
  done
${chosen(choices)}
  COMPREPLY=($(compgen -W "$next" -- "$now"))
}
complete -o default -F _paddock paddock`,
  zsh: (choices) => `#compdef paddock
_paddock() {
  local next="" verb="" word now="\${words[CURRENT]}"
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && break
    verb="\${verb:+$verb }$word"
  done
${chosen(choices)}
  if [[ -n $next ]]; then compadd -- \${=next}; else _files; fi
}
if [[ $funcstack[1] == _paddock ]]; then _paddock "$@"; else compdef _paddock paddock; fi`,
  fish: ({ words, flags }) => `function __paddock_verb
  set -l verb
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and break
    set -a verb $word
  end
  string join ' ' -- $verb
end
function __paddock_in
  set -l verb (__paddock_verb)
  test "$verb" = "$argv"; or string match -q -- "$argv *" "$verb"
end
${[...words].map(([verb, next]) => `complete -c paddock -f -n 'test "$(__paddock_verb)" = "${verb}"' -a "${next.join(" ")}"`).join("\n")}
${[...flags].flatMap(([verb, next]) => next.map((flag) => `complete -c paddock -n '__paddock_in ${verb}' -l ${flag.slice(2)}`)).join("\n")}`,
};
