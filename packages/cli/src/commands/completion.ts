/** Completion scripts, computed from the list of commands. */
import { PaddockError } from "@paddock/contract";
import type { CommandContext, CommandSpec } from "../command.ts";
import type { Shown } from "../shown.ts";

export async function run({ args: [shell = ""] }: CommandContext, commands: readonly CommandSpec[]): Promise<Shown> {
  const script = scripts[shell];
  if (!script)
    throw new PaddockError("invalid_input", `There is no completion for ${shell}.`, "Say bash, zsh or fish.");
  const text = script(wordsByPrefix(commands));
  return { json: { shell, script: text }, text };
}

/** What may follow: "" for the first word, `token` for the second after it, `token create` for its options. */
function wordsByPrefix(commands: readonly CommandSpec[]): Map<string, string[]> {
  const words = new Map<string, string[]>();
  const add = (prefix: string, word: string) => words.set(prefix, [...new Set([...(words.get(prefix) ?? []), word])]);
  for (const { usage, options = [] } of commands) {
    const path = usage.split(" ").filter((word) => /^[a-z]/.test(word));
    path.forEach((word, index) => {
      add(path.slice(0, index).join(" "), word);
    });
    for (const [flags] of [...options, ["--json"]]) add(path.join(" "), flags?.split(" ")[0] ?? "");
  }
  for (const shell of Object.keys(scripts)) add("completion", shell);
  return words;
}

const cases = (words: Map<string, string[]>): string =>
  [...words].map(([prefix, next]) => `    "${prefix}") words="${next.join(" ")}" ;;`).join("\n");

const scripts: Readonly<Record<string, (words: Map<string, string[]>) => string>> = {
  bash: (words) => `_paddock() {
  local words="" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || path="\${path:+$path }$word"; done
  case "$path" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _paddock paddock`,
  zsh: (words) => `#compdef paddock
_paddock() {
  local words="" path="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do [[ $word == -* ]] || path="\${path:+$path }$word"; done
  case "$path" in
${cases(words)}
  esac
  compadd -- \${=words}
}
compdef _paddock paddock`,
  fish: (words) =>
    [...words]
      .map(([prefix, next]) => {
        const condition =
          prefix === "" ? "__fish_use_subcommand" : `string match -qr '^paddock ${prefix} ' -- (commandline -p)`;
        return `complete -c paddock -f -n "${condition}" -a "${next.join(" ")}"`;
      })
      .join("\n"),
};
