/**
 * Shell lines made from a grammar, to be run and watched. They start nothing but programs that do nothing, and programs that
 * start others; whatever a reader of shell text has ever got wrong should be in here.
 */
import { tricks } from "./tricks.fixture.ts";

/** Names on PATH of programs that do nothing. */
export const programs = [..."abcdefghijkl"].map((letter) => `p${letter}`);

/** The same lines for the same seed. */
export function generateLines(seed: number, count: number): string[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const line = new Generator(random).line();
    return random() < 0.2 ? mutate(line, random) : line;
  });
}

/** A small generator of random numbers that is the same everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const metacharacters = [..."'\"`$(){}[]<>|&;#!\\\n \t*?=~,"];

/** One to three characters go, come or change places. */
function mutate(line: string, random: () => number): string {
  const pick = (length: number) => Math.floor(random() * length);
  let result = line;
  for (let count = 1 + pick(3); count > 0; count -= 1) {
    const at = pick(result.length);
    const insert = random() < 0.5 ? (metacharacters[pick(metacharacters.length)] ?? "") : "";
    result = result.slice(0, at) + insert + result.slice(at + (random() < 0.6 ? 1 : 0));
  }
  return result;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

class Generator {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  line(): string {
    return this.#random() < 0.3 ? this.#trick() : this.#list(3);
  }

  #pick<T>(options: readonly T[]): T {
    return options[Math.floor(this.#random() * options.length)] as T;
  }

  #program(): string {
    return programs[Math.floor(this.#random() * programs.length)] ?? "pa";
  }

  #trick(): string {
    return this.#pick(tricks).replaceAll("P", () => this.#program());
  }

  #list(depth: number): string {
    let text = this.#pipeline(depth);
    for (let count = Math.floor(this.#random() * 3); count > 0; count -= 1) {
      text += this.#pick(["; ", " && ", " || ", "\n", " &\n", " ;\n\n", "&& \\\n", " ||\n\n"]) + this.#pipeline(depth);
    }
    return text;
  }

  #pipeline(depth: number): string {
    const prefix = this.#pick(["", "", "", "", "! ", "time ", "time -p ", "! ! "]);
    const rest = this.#random() < 0.25 ? this.#pick([" | ", "|", " |& ", " |\n"]) + this.#command(depth) : "";
    return prefix + this.#command(depth) + rest;
  }

  #command(depth: number): string {
    if (depth <= 0) return this.#simple(0);
    const make = this.#pick([
      () => this.#simple(depth),
      () => this.#simple(depth),
      () => this.#simple(depth),
      () => this.#compound(depth - 1),
      () => this.#wrapped(depth - 1),
      () => this.#text(depth - 1),
    ]);
    return make();
  }

  #simple(depth: number): string {
    const before = this.#pick([
      "",
      "",
      "",
      "x=1 ",
      `x=${this.#word(depth)} `,
      "x=(1 2) y+=z\n",
      ">/work/out ",
      "2>&1 ",
    ]);
    const words = Array.from({ length: Math.floor(this.#random() * 3) }, () => ` ${this.#word(depth)}`).join("");
    const after = this.#pick([
      "",
      "",
      "",
      "",
      " >/work/out",
      " 2>&1",
      " </dev/null",
      " <<<x",
      ` >${quote("/work/a b")}`,
    ]);
    return before + this.#spelled(this.#program()) + words + after;
  }

  /** A program's name as few people write it. */
  #spelled(name: string): string {
    const [first = "p", last = "a"] = name;
    const code = last.charCodeAt(0);
    return this.#pick([
      ...[name, name, name, name, `'${name}'`, `"${name}"`, `\\${name}`, `${first}"${last}"`, `${first}\\\n${last}`],
      ...[
        `$'${first}\\x${code.toString(16)}'`,
        `$'\\u0070${last}'`,
        `${first}$'\\${code.toString(8)}'`,
        `${first}''${last}`,
      ],
      ...[
        `/observed/bin/${name}`,
        `{${name},x}`,
        `{${name},}`,
        `"${first}"{${last},z}`,
        `${first}{${last},z}`,
        `$"${name}"`,
      ],
      ...[
        `$(echo ${name})`,
        `\`echo ${name}\``,
        `\${none-${name}}`,
        `/observed/bin/?${last}`,
        `/observed/bin/${first}[${last}]`,
      ],
      `"$(printf ${name})"`,
    ]);
  }

  #word(depth: number): string {
    if (depth <= 0)
      return this.#pick(["a", "'b c'", '"d"', "\\e", "$x", "*", "{f,g}", "~", "-n", "--", "$((1 + 1))", "=", "#h"]);
    const inner = () => this.#list(depth - 2);
    return this.#pick([
      () => this.#word(0),
      () => this.#word(0),
      () => `$(${inner()})`,
      () => `"i $(${inner()}) j"`,
      () => `\`${this.#simple(0).replace(/[`\\]/g, "")}\``,
      () => `<(${inner()})`,
      () => `\${x:-$(${inner()})}`,
      () => `"\${x#"$(${inner()})"}"`,
      () => `$((1 + $(${inner()}; echo 1)))`,
      () => `\${x[$(${inner()}; echo 0)]}`,
      () => `a$( # not this: ) ' "\n${inner()})b`,
      () => `$(case x in x) ${inner()} ;; esac)`,
    ])();
  }

  #compound(depth: number): string {
    const list = () => this.#list(depth);
    const name = this.#pick(["f", "g", this.#program(), "env", "timeout"]);
    return this.#pick([
      () => `{ ${list()}\n}`,
      () => `(${list()})`,
      () => `( ( ${list()} ) )`,
      () => `if ${list()}; then ${list()}\nelif ${list()}\nthen ${list()}; else ${list()}\nfi`,
      () => `for i in 1 ${this.#word(depth)}; do ${list()}\nbreak; done`,
      () => `for ((i = 0; i < 2; i++)); do ${list()}\ndone`,
      () => `while ${list()}\ndo ${list()}\nbreak; done`,
      () => `until ! ${list()}\ndo break; done`,
      () => `case ${this.#word(depth)} in x|${this.#word(0)}) ${list()}\n;; (*) ${list()}\n;& y) ${list()}\nesac`,
      () => `${name}() { ${this.#command(0)}\n}\n${this.#simple(0)}`,
      () => `function ${name} ( ${this.#command(0)}\n) >/work/out`,
      () =>
        `[[ -n ${this.#pick(["x", '"$(pa)"', "$x"])} && ( x == y* || ! x =~ ^[[:alpha:]]+$ ) ]] && ${this.#command(0)}`,
      () => `((${this.#pick(["1", "x = 1, x++", "$(echo 1)", "3 > 2"])})) && ${this.#command(0)}`,
      () => `coproc ${this.#pick(["", "C "])}{ ${list()}\n}`,
      () => `pa <<E${this.#pick(["", " | pb"])}\n$(${list()})\nE`,
      () => `pa <<-'E'; ${this.#command(0)}\n\t$(pb)\n\tE`,
      () => `pa <<A <<"B"\n$(${this.#command(0)})\nA\n$(${this.#command(0)})\nB`,
      () => `select i in a; do ${list()}\nbreak; done`,
      () => `{ ${list()}\n} 3>&1 >/work/out | ${this.#command(0)}`,
    ])();
  }

  /** Behind a program that starts what its words say. */
  #wrapped(depth: number): string {
    const wrapper = this.#pick([
      ...[
        "env",
        "env -i PATH=/usr/bin",
        "env A=b",
        "env -u HOME --",
        "nice",
        "nice -n 3",
        "nice -5",
        "nohup",
        "setsid -w",
        "stdbuf -oL",
      ],
      ...[
        "timeout 5",
        "timeout -s KILL --foreground 5",
        "timeout --kill-after=1 5s",
        "ionice -c 3",
        "command",
        "command -p",
        "exec",
      ],
      ...[
        "exec -a x",
        "builtin command",
        "xargs",
        "xargs -n 1 -P 1",
        "xargs -I R",
        "find /work -maxdepth 0 -exec",
        "busybox",
        "env env",
      ],
      ...[
        "/usr/bin/env",
        "'nice'",
        "chrt -i 0",
        "taskset 1",
        "flock -n /work/lock",
        "setpriv --nnp",
        "prlimit --nofile=64",
        "command env",
      ],
      ...["linux64", "$none nice", "nice -n $((1))", "env $none"],
    ]);
    const end = wrapper.startsWith("find") ? this.#pick([" {} \\;", " ';'", " {} +", " x{}y \\;"]) : "";
    const inner =
      this.#random() < 0.3 && depth > 0
        ? this.#wrapped(depth - 1)
        : `${this.#spelled(this.#program())} ${this.#word(0)}`;
    return `${wrapper} ${inner}${end}`;
  }

  /** As a text that something carries out. */
  #text(depth: number): string {
    const text = quote(this.#list(depth));
    const small = this.#simple(0);
    return this.#pick([
      ...[
        `sh -c ${text}`,
        `bash -c ${text}`,
        `bash -ec ${text} x y`,
        `bash --norc -o errexit -c ${text}`,
        `dash -c ${text}`,
      ],
      ...[
        `sh +x -c -- ${text}`,
        `eval ${text}`,
        `eval -- ${text}`,
        `eval ${quote(small)} x`,
        `trap ${text} EXIT`,
        `flock -n /work/l -c ${text}`,
      ],
      ...[
        `timeout 5 sh -c ${text}`,
        `env bash -c ${text}`,
        `xargs sh -c ${text} <<<x`,
        `find /work -maxdepth 0 -exec sh -c ${text} \\;`,
      ],
      ...[
        `bash <<'END'\n${small}\nEND`,
        `sh <<<${quote(small)}`,
        `echo ${quote(small)} | sh`,
        `bash <(echo ${quote(small)})`,
      ],
      ...[
        `. /dev/stdin <<<${quote(small)}`,
        `sh -c "${this.#program()} $x"`,
        `sh -c '"$@"' x ${this.#program()}`,
        `bash -s <<<${text}`,
      ],
      ...[
        `f() { eval "$1"; }\nf ${text}`,
        `x=${quote(small)}\neval "$x"`,
        `x=${quote(small)}; $x`,
        `eval "eval ${this.#program()}"`,
      ],
    ]);
  }
}
