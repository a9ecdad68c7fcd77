/**
 * Programs that are of no use without a terminal, or that ask a person for a password: where commands have neither they would
 * hang or fail in odd ways, so that they are refused with a word instead. A courtesy, not a boundary.
 */
import type { Invocation } from "./shell/script.ts";

export interface Wanting {
  program: string;
  what: "terminal" | "password";
}

/** Options with which a program gets by. A letter also counts within a cluster such as `-bn1`. */
type Unless = readonly string[];

const said: Unless = ["--version", "--help"];
const editor: Unless = [...said, "-es", "-Es", "--headless"];
const pager: Unless = [...said, "-V"];
const batch: Unless = [...said, "-b", "--batch"];

const terminal: Readonly<Record<string, Unless>> = {
  ...{ vi: editor, vim: editor, nvim: editor, view: editor, vimdiff: editor, ex: editor },
  ...{ nano: said, pico: said, micro: said, joe: said, mcedit: said, mc: said, ranger: said, nnn: said },
  emacs: [...said, "--batch", "-batch", "--script", "--daemon"],
  ...{ less: pager, more: pager, most: pager },
  ...{ top: batch, iotop: batch, htop: said, btop: said, nvtop: said },
  ...{ tig: said, lazygit: said, k9s: said, dialog: said, whiptail: said },
  fzf: [...said, "-f", "--filter"],
};

const nonInteractive: Unless = [...said, "-n", "--non-interactive", "-K", "-k", "-V"];

const password: Readonly<Record<string, Unless>> = {
  ...{ sudo: nonInteractive, sudoedit: nonInteractive, doas: nonInteractive },
  ...{ su: said, login: said, pkexec: said, chsh: said, chfn: said },
  passwd: [...said, "-S", "--status"],
};

const names = [...Object.keys(terminal), ...Object.keys(password)];
const mentioned = new RegExp(`(?<![\\w-])(?:${names.join("|")})(?![\\w-])`);

/** False for nearly every text, quickly: then there is nothing to read it for. */
export const mentionsTerminalProgram = (text: string): boolean => mentioned.test(text);

/** The first command that wants what there is none of. */
export function wantingIn(invocations: readonly Called[]): Wanting | null {
  for (const called of invocations) {
    const found = wantingOf(called);
    if (found) return found;
  }
  return null;
}

type Called = Pick<Invocation, "program" | "args" | "kind">;

function wantingOf({ program, args, kind }: Called): Wanting | null {
  const name = program?.slice(program.lastIndexOf("/") + 1) ?? "";
  if (kind !== "program" || !names.includes(name)) return null;
  const unless = terminal[name] ?? password[name] ?? [];
  if (args.some((arg) => arg !== null && getsBy(arg, unless))) return null;
  return { program: name, what: Object.hasOwn(terminal, name) ? "terminal" : "password" };
}

const getsBy = (arg: string, unless: Unless): boolean =>
  unless.some(
    (option) => arg === option || (/^-\w$/.test(option) && /^-\w+$/.test(arg) && arg.includes(option.slice(1))),
  );
