/**
 * A command leaves its persistent shell in a state that is to harm the commands after it. The shell of one caller is its
 * own: what it does to it, no other caller may feel, and no call may go without an answer. The stand-in has one shell for
 * everybody, which reads commands line by line.
 */
import type { Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const probe = "sleep 0.1; echo answer $((6 * 7)) $(echo indeed)";
const expected = "answer 42 indeed";

const row = (id: string, tries: string, poison: string | ((scene: Scene) => string)): Mechanism => ({
  id: `poison/${id}`,
  tries: `${tries}, for the next command of another caller`,
  defence: "a shell for each caller, that is driven over pipes of its own",
  harm: "line crossed",
  weakness: "one shell for all",
  async attack({ sh, call, another }, scene) {
    const look = (said: string, whose: string) => {
      if (said.trim() !== expected) scene.cross(`${whose} command said ${JSON.stringify(said)}`);
    };
    await sh(typeof poison === "string" ? poison : poison(scene), 2);
    look(await (await another()).sh(probe), "another's");
    // The caller's own next command may fail, but not for ever, and a new shell is sound again.
    await call("run_command", { command: probe, timeout_seconds: 1, working_directory: scene.here });
    await call("shell_reset");
    look(await sh(probe), "a new shell's");
  },
});

export const poisonedShell: readonly Mechanism[] = [
  row("function", "put a function in the place of a builtin", "echo() { printf 'forged\\n'; }"),
  row("alias", "put an alias in the place of a builtin", "shopt -s expand_aliases; alias echo='printf forged'"),
  row("disabled-builtin", "take a builtin away", "PATH=/nowhere; enable -n echo printf builtin eval cd"),
  row(
    "path",
    "have names lead to their own programs",
    ({ here }) =>
      `printf '#!/bin/sh\\nprintf forged' >${here}/echo; chmod +x ${here}/echo; PATH=${here}; enable -n echo`,
  ),
  row("debug-trap", "have a trap run before each command", "trap 'printf forged' DEBUG"),
  row("return-trap", "have a failing trap skip each command", "shopt -s extdebug; trap false DEBUG"),
  row("error-exit", "have the shell end at the next failure", "set -e; false"),
  row("no-execution", "have the shell only read commands", "set -n"),
  row("noise", "have the shell print all that it does", "set -xv; exec 2>&1"),
  row("separator", "have words be split elsewhere", "IFS=w; echo() { local IFS=w; builtin echo $*; }"),
  row(
    "posix-functions",
    "have special builtins be overridden",
    "eval() { printf forged; }; builtin() { :; }; printf() { :; }; echo() { :; }",
  ),
  row("locked-functions", "lock what they have put in place", "echo() { :; }; readonly -f echo; declare -r PWD OLDPWD"),
  row("closed-output", "close the shell's own output", "exec >&- 2>&-"),
  row("redirected-output", "send the shell's output elsewhere", "exec >/dev/null 2>&1"),
  row(
    "all-descriptors",
    "close every descriptor of the shell",
    'for d in {0..255}; do eval "exec $d>&-" 2>/dev/null; done',
  ),
  row("other-program", "put another program in the shell's place", "exec sleep 2"),
  row("end", "end the shell", "exit 3"),
  row("killed", "kill the shell", "kill -KILL $$"),
  row(
    "forged-end",
    "say the end of a command before it has come",
    `printf 'forged\\n'; echo end-of-command 0; printf '\\0done 2 0 0 /\\0' | tee /proc/$$/fd/* >/dev/null 2>&1; echo forged`,
  ),
  row(
    "late-output",
    "print into the answer of the next command",
    "{ while sleep 0.02; do echo forged; done; } & disown",
  ),
  row(
    "eats-input",
    "read the commands that come next",
    "exec 3<&0; for i in {1..8}; do cat <&3 >/dev/null 2>&1 & done; cat /proc/$$/fd/0 >/dev/null 2>&1 & sleep 0.3",
  ),
  row("open-quote", "leave a quote open", "echo 'open"),
  row("open-document", "leave a here-document open", "cat <<NEVER\nforged"),
  row("open-block", "leave a block open", "if true; then {"),
  row("few-descriptors", "leave the shell no descriptor", "ulimit -n 3"),
  row("stopped", "stop the shell", "{ sleep 2; kill -CONT $$; } & kill -STOP $$"),
  row(
    "stopped-later",
    "have the shell be stopped after the command",
    "{ sleep 0.1; kill -STOP $$; } >/dev/null 2>&1 &",
  ),
  row(
    "silenced-later",
    "have the shell only read commands after this one",
    "trap 'set -n' USR1; { sleep 0.1; kill -USR1 $$; } >/dev/null 2>&1 &",
  ),
  row(
    "ended-by-signal-handler",
    "have the shell end on a signal that it sends itself",
    "trap 'exit 9' USR1; kill -USR1 $$",
  ),
];
