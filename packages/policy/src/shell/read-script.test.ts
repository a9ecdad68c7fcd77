import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readScript } from "./read-script.ts";

/** What is named, each with what was seen through, and whether all of it is known. */
function read(text: string): { named: string[]; isKnown: boolean } {
  const { invocations, unresolved } = readScript(text);
  const named = invocations.map(({ program, through }) => [...through, program ?? "?"].join(" > "));
  return { named, isKnown: unresolved.length === 0 };
}

const known = (...named: string[]) => ({ named, isKnown: true });
const unknown = (...named: string[]) => ({ named, isKnown: false });

function cases(table: readonly (readonly [text: string, expected: ReturnType<typeof read>])[]): void {
  for (const [text, expected] of table) {
    test(JSON.stringify(text), () => assert.deepEqual(read(text), expected));
  }
}

describe("every command that the text holds is named", () => {
  cases([
    ["a | b && c || d; e & f", known("a", "b", "c", "d", "e", "f")],
    ["(a; { b; }) | if c; then d; elif e; then f; else g; fi", known("a", "b", "c", "d", "e", "f", "g")],
    ["for x in $(a); do b; done; while c; do d; done; until e; do f; done", known("a", "b", "c", "d", "e", "f")],
    ["case $(a) in $(b)) c;; *) d;& esac", known("a", "b", "c", "d")],
    [`x "$(a \`b\`)" \${y:-$(c)} <(d >(e))`, known("x", "a", "b", "c", "d", "e")],
    ["x=$(a) y=(1 $(b)) c", known("c", "a", "b")],
    ["cat <<E <<'F'\n$(a)\nE\n$(b)\nF\nc", known("cat", "a", "c")],
    ["cat > $(a) <<< $(b)", known("cat", "a", "b")],
    ["[[ -n $(a) && x =~ ^$(b) ]]", known("a", "b")],
    ["coproc X { a; }; time -p b; ! c; >f d", known("a", "b", "c", "d")],
    ["!(a)", known("a")],
    ["f() { a; }; g() ( b ); function h { c; }", known("a", "b", "c")],
    [`echo $((1 + \${#x})) \`a \\\`b\\\`\``, known("echo", "a", "b")],
    ["select x in $(a); do b; done", known("a", "b")],
  ]);
});

describe("words are read as bash expands them", () => {
  cases([
    [`c"u"'r'\\l`, known("curl")],
    ["$'\\x63\\165rl' x", known("curl")],
    ["cu\\\nrl x", known("curl")],
    ["{curl,x}", known("curl")],
    ["x{1..3}", known("x1")],
    ["\\curl; 'curl'", known("curl", "curl")],
    ['c*rl; ~/curl; c{u,$x}rl; $x; `a`; $"b"', unknown("?", "?", "?", "?", "?", "a", "?")],
  ]);
});

describe("wrappers are seen through", () => {
  cases([
    ["timeout -s 9 --kill-after=3 5m curl -c x", known("timeout", "timeout > curl")],
    [
      "sudo -u bob -- nice -n5 env -u X -i A=b curl",
      known("sudo", "sudo > nice", "sudo > nice > env", "sudo > nice > env > curl"),
    ],
    [
      "nice -5 a; nohup b; setsid -w c; ionice -c 3 d",
      known("nice", "nice > a", "nohup", "nohup > b", "setsid", "setsid > c", "ionice", "ionice > d"),
    ],
    ["env -S 'a b' c; env", known("env", "env > a", "env")],
    [
      "command -p a; builtin echo; exec -a x b; command -v c",
      known("command", "command > a", "builtin", "builtin > echo", "exec", "exec > b", "command"),
    ],
    ["ls | xargs -0 -n 1 rm -f", known("ls", "xargs", "xargs > rm")],
    ["xargs -I{} mv {} x", known("xargs", "xargs > mv")],
    ["xargs -I{} sh -c 'rm {}'", unknown("xargs", "xargs > sh", "xargs > sh -c > rm")],
    ["xargs sh", unknown("xargs", "xargs > sh")],
    ["sh -c - 'a x'; bash +x -c - b", known("sh", "sh -c > a", "bash", "bash -c > b")],
    ["sh -c -- a; bash -c + 'b'", unknown("sh", "sh -c > a", "bash")],
    [
      "find . -name x -exec grep -l y {} + -ok rm {} \\; -delete",
      known("find", "find -exec > grep", "find -ok > rm", "find -delete > rm"),
    ],
    ["find $x -name y", unknown("find")],
    [
      "flock -n /x -c 'a | b'; flock /x c",
      known("flock", "flock > sh", "flock > sh -c > a", "flock > sh -c > b", "flock", "flock > c"),
    ],
    ["su - bob -c 'a; b'", known("su", "su > sh", "su > sh -c > a", "su > sh -c > b")],
    ["su bob; sudo -i; chroot /x", unknown("su", "sudo", "chroot")],
    [
      "watch -n 1 'a | b'; watch -x c d",
      known("watch", "watch > sh", "watch > sh -c > a", "watch > sh -c > b", "watch", "watch > c"),
    ],
    ["busybox wget x; ip netns exec y a; ip addr", known("busybox", "busybox > wget", "ip", "ip > a", "ip")],
    [
      'timeout "$t" curl; sudo --new-option curl; $x curl',
      unknown("timeout", "timeout > curl", "sudo", "sudo > curl", "?"),
    ],
    [
      "tar -I zstd -xf x; tar --to-command='a b' -xf x; rsync -ae 'ssh -p 1' x y:",
      known(
        "tar",
        "tar -I > sh",
        "tar -I > sh -c > zstd",
        "tar",
        "tar --to-command > sh",
        "tar --to-command > sh -c > a",
        "rsync",
        "rsync -e > sh",
        "rsync -e > sh -c > ssh",
      ),
    ],
    [
      "tar -cf x *; tar xIf a b; ssh -oProxyCommand=a b; tar --checkpoint-act=exec=a x",
      unknown("tar", "tar", "ssh", "tar", "tar --checkpoint-action > sh", "tar --checkpoint-action > sh -c > a"),
    ],
    [
      "git bisect run a b; git rebase -x 'c; d' main; git submodule foreach 'e'",
      known(
        "git",
        "git bisect run > a",
        "git",
        "git rebase --exec > sh",
        "git rebase --exec > sh -c > c",
        "git rebase --exec > sh -c > d",
        "git",
        "git submodule foreach > sh",
        "git submodule foreach > sh -c > e",
      ),
    ],
    ["parallel a ::: b; tmux new a; gdb --args a", unknown("parallel", "tmux", "gdb")],
  ]);
});

describe("texts for shells are read", () => {
  cases([
    [
      'cd /tmp && FOO=1 timeout 5 sh -c "curl x | sh"',
      unknown("cd", "timeout", "timeout > sh", "timeout > sh -c > curl", "timeout > sh -c > sh"),
    ],
    [
      "bash -lc 'a; b' x y; sh -ec c; dash +x -c d",
      known("bash", "bash -c > a", "bash -c > b", "sh", "sh -c > c", "dash", "dash -c > d"),
    ],
    ["bash -o pipefail --norc -c -- 'a'", known("bash", "bash -c > a")],
    ["bash <<'E'\na\nE", known("bash", "bash << > a")],
    ['sh -c "curl $x"; eval "curl $x"', unknown("sh", "sh -c > curl", "eval", "eval > curl")],
    ["eval 'a;' b; trap 'c d' EXIT; trap - EXIT", known("eval", "eval > a", "eval > b", "trap", "trap > c", "trap")],
    ["sh x.sh; bash ./x y; ./x", known("sh", "bash", "./x")],
    [
      "sh; sh -s x; curl x | bash; sh /dev/stdin; bash <(a); bash -i",
      unknown("sh", "sh", "curl", "bash", "sh", "bash", "a", "bash"),
    ],
    ["sh -c '((a b))'; sh -c \"$'a'\"", unknown("sh", "sh", "sh -c > a")],
    ["zsh -c a", unknown("zsh", "zsh -c > a")],
    [". x; source y", unknown(".", "source")],
  ]);
});

describe("what the text does not tell is a doubt", () => {
  cases([
    ["python3 -c x; node -e y; perl -ne z f; ruby -e w; php -r v", unknown("python3", "node", "perl", "ruby", "php")],
    ["python3 x.py; python -m pytest -q; node --test x; perl x.pl", known("python3", "python", "node", "perl")],
    ["python3; python3 -; python3 < x; node $x", unknown("python3", "python3", "python3", "node")],
    ["awk '{print $1}' x; awk -F: '$3 > 5 || /a|b/ {n++}' y; sed -n '1,5p;s/a/b/g' z", known("awk", "awk", "sed")],
    [
      "awk 'BEGIN{system(\"a\")}'; awk '{print | \"a\"}'; sed s/a/b/e; sed 1e; sed -f x",
      unknown("awk", "awk", "sed", "sed", "sed"),
    ],
    [
      "PATH=x a; export LD_PRELOAD=y; read PATH; env BASH_ENV=z b; printf -v IFS x",
      unknown("a", "export", "read", "env", "env > b", "printf"),
    ],
    [`export "PATH=$x"; BASH_CMDS[ls]=x; : \${GIT_SSH:=x}; for PATH in x; do :; done`, unknown("export", ":", ":")],
    ["FOO=1 a; export BAR=$x; IFS= read -r y", known("a", "export", "read")],
    [
      "alias x=y; hash -p x y; enable -n echo; shopt -s extglob; set -k",
      unknown("alias", "hash", "enable", "shopt", "set"),
    ],
    ["set -euo pipefail; shopt -s nullglob; set -- $x", known("set", "shopt", "set")],
    [
      "git -c core.pager=a log; git config alias.x '!a'; git clone ext::a; git grep -Oa x; git $x",
      unknown("git", "git", "git", "git", "git"),
    ],
    ['git -C x -c user.name=y commit -m "$z"; git config user.email x; git log -p', known("git", "git", "git")],
    ["a 'b", unknown("a")],
    ["a; fi", unknown("a")],
  ]);
});

describe("arithmetic that may run a command is a doubt", () => {
  cases([
    ["x='a[$(curl y)]'; ((x))", unknown()],
    [`((x)); echo $((y)); \${z[i]}; [[ a -eq b ]]`, unknown("echo", "?")],
    [`x=1; ((x++)); echo $((x * 2)) \${y:x:1}; for ((i = 0; i < 3; i++)); do :; done`, known("echo", ":")],
    ["x=1; x=$(a); ((x))", unknown("a")],
    ["if a; then x=1; fi; ((x))", unknown("a")],
    [
      'echo $(( $(a) + 1 )); [ $x = 1 ]; test -v "$y"; let "a[$x]"; unset "$x"',
      unknown("echo", "a", "[", "test", "let", "unset"),
    ],
    ['[ "$a" = b ] && [ -f "$c" ] && [[ $# -gt 1 ]] && test $? -eq 0', known("[", "[", "test")],
    [`echo \${x@P} \${!y}`, unknown("echo")],
  ]);
});

describe("what bash reads in a way of its own is a doubt", () => {
  cases([
    ["cu\0rl x", unknown("curl")],
    ["curl \\", unknown("curl")],
    ["$'cu\\0x'rl; $'\\x{63}url'; {c},curl}", unknown("?", "?", "?")],
    ["{,curl} x; y{,}", known("curl", "y")],
    ["declare -a 'x=($(a))'; declare y=\"$z\"; local -a w", unknown("declare", "declare", "local")],
    ['local x="$1"; export y=$z; declare -A m; readonly n=1', known("local", "export", "declare", "readonly")],
    ["awk -f <(a); python3 -m timeit x; node --import data:x y", unknown("awk", "a", "python3", "node")],
  ]);
});

test("a name that the text defines is a function, and what it shadows is not forgotten", () => {
  const { invocations } = readScript("ls() { curl x; }; ls -l");
  assert.deepEqual(
    invocations.map(({ program, kind, args }) => ({ program, kind, args })),
    [
      { program: "curl", kind: "program", args: ["x"] },
      { program: "ls", kind: "function", args: ["-l"] },
    ],
  );
});

test("files of redirections and directories are told", () => {
  const { redirects, directories } = readScript('cd /a && b <c >>"d e" 2>&1 >$x; pushd f');
  assert.deepEqual(redirects, [
    { path: "c", access: "read" },
    { path: "d e", access: "write" },
  ]);
  assert.deepEqual(directories, ["/a", "f"]);
});

test("letters that look like others make other programs", () => {
  const names = readScript("сurl x; cu\u200brl y; CURL z").invocations.map(({ program }) => program);
  assert.deepEqual(names, ["сurl", "cu\u200brl", "CURL"]);
});
