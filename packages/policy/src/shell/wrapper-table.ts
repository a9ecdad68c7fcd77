/**
 * Programs that start the program which their arguments name, with their options: only who knows which options take a value
 * finds the program behind them. An option that is not listed is a doubt.
 */
import type { Grammar } from "./options.ts";

export interface Wrapper extends Grammar {
  /** It starts programs only after these words; otherwise it is a program like any other. */
  subcommand?: readonly string[];
  /** The shape of each word between the options and the program. */
  operands?: readonly RegExp[];
  /** Words `NAME=value` may stand before the program. */
  assigns?: true;
  /** Options may follow the operands, and there is no program among the words. */
  permutes?: true;
  /** Options whose value is a text for a shell. */
  text?: readonly string[];
  /** Option whose value is split into words that come first. */
  split?: readonly string[];
  /** The words are joined and given to a shell, unless one of these options is there. */
  joined?: readonly string[];
  /** The words are followed by others that it reads. */
  appends?: true;
  /** Options that name what is replaced in the words by something it reads. */
  replaces?: readonly string[];
  /** With one of these it starts something else, or in another way. */
  opaque?: readonly string[];
  /** With one of these it starts nothing. */
  idle?: readonly string[];
  /** Without a program it starts a shell. */
  elseShell?: true;
}

const any = /^/;
const plain: Wrapper = {};
const toRoot: Wrapper = {
  short: "lmpPfc:g:G:s:w:T",
  long: "login preserve-environment command= session-command= fast group= supp-group= shell= whitelist-environment= pty no-pty",
  permutes: true,
  text: ["c", "command", "session-command"],
  opaque: ["s", "shell"],
};
const packageRunner: Wrapper = {
  short: "yqp:c:",
  long: "yes no no-install package= call= quiet prefer-offline",
  text: ["c", "call"],
};

export const wrappers: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  [
    "env",
    {
      short: "i0vu:C:S:a:",
      long:
        "ignore-environment null unset= chdir= split-string= block-signal? default-signal? ignore-signal? " +
        "list-signal-handling debug argv0=",
      assigns: true,
      split: ["S", "split-string"],
    },
  ],
  [
    "sudo",
    {
      short: "AbBEeHiKklnNPSsVvC:D:g:p:R:r:t:T:U:u:",
      long:
        "askpass background bell close-from= chdir= preserve-env? group= set-home login remove-timestamp reset-timestamp " +
        "no-update non-interactive preserve-groups prompt= chroot= role= stdin shell type= command-timeout= other-user= " +
        "user= version validate list edit",
      assigns: true,
      opaque: ["e", "s", "i", "edit", "shell", "login"],
      idle: ["l", "v", "V", "K", "list", "validate", "version", "remove-timestamp"],
    },
  ],
  ["doas", { short: "Lnsa:C:u:", assigns: true, opaque: ["s", "C"], idle: ["L"] }],
  ["su", toRoot],
  ["runuser", { short: "fg:G:lpPTu:c:s:m", long: "user=", opaque: ["c", "s", "l", "f"], elseShell: true }],
  ["pkexec", { long: "user= disable-internal-agent version", elseShell: true }],
  [
    "xargs",
    {
      short: "0rtpxoa:d:E:e::I:i::L:l::n:P:s:",
      long:
        "null arg-file= delimiter= eof? replace? max-lines? max-args= open-tty max-procs= interactive process-slot-var= " +
        "no-run-if-empty max-chars= show-limits verbose exit",
      appends: true,
      replaces: ["I", "i", "replace"],
    },
  ],
  ["nice", { short: "n:", long: "adjustment=", digits: true }],
  [
    "ionice",
    {
      short: "c:n:tp:P:u:",
      long: "class= classdata= ignore pid= pgid= uid=",
      idle: ["p", "P", "u", "pid", "pgid", "uid"],
    },
  ],
  [
    "timeout",
    {
      short: "fk:ps:v",
      long: "foreground kill-after= preserve-status signal= verbose",
      operands: [/^(\d+\.?\d*|\.\d+)[smhd]?$/],
    },
  ],
  ["gtimeout", { short: "fk:ps:v", long: "kill-after= signal=", operands: [/^[\d.]+[smhd]?$/] }],
  ["nohup", plain],
  ["setsid", { short: "cfw", long: "ctty fork wait" }],
  ["stdbuf", { short: "i:o:e:", long: "input= output= error=" }],
  ["chroot", { long: "groups= userspec= skip-chdir", operands: [any], elseShell: true }],
  [
    "unshare",
    {
      short: "muinpCTUfrcR:w:S:G:",
      long:
        "mount? uts? ipc? net? pid? user? cgroup? time? fork kill-child? mount-proc? root= wd= setuid= setgid= map-user= " +
        "map-group= map-users= map-groups= map-root-user map-current-user map-auto keep-caps propagation= setgroups= " +
        "monotonic= boottime=",
      elseShell: true,
    },
  ],
  [
    "nsenter",
    {
      short: "aeFt:m::u::i::n::p::U::C::T::r::w::W:S:G:",
      long:
        "all env no-fork target= mount? uts? ipc? net? pid? cgroup? user? time? setuid= setgid= preserve-credentials root? " +
        "wd? wdns=",
      elseShell: true,
    },
  ],
  [
    "flock",
    {
      short: "sexnouFvw:E:c:",
      long: "shared exclusive unlock nonblock nb timeout= wait= conflict-exit-code= close command= no-fork verbose",
      operands: [any],
      text: ["c", "command"],
    },
  ],
  ["taskset", { short: "apc", long: "all-tasks pid cpu-list", operands: [/^[\da-fx,:-]+$/i], idle: ["p", "pid"] }],
  [
    "chrt",
    {
      short: "abdfiomprRvT:P:D:",
      long: "all-tasks batch deadline fifo idle other rr reset-on-fork max pid verbose sched-runtime= sched-period= sched-deadline=",
      operands: [/^\d+$/],
      idle: ["p", "m", "pid", "max"],
    },
  ],
  [
    "setpriv",
    {
      short: "d",
      long:
        "dump clear-groups keep-groups init-groups nnp no-new-privs reuid= regid= ruid= rgid= euid= egid= groups= ambient-caps= " +
        "inh-caps= bounding-set= securebits= pdeathsig= reset-env selinux-label= apparmor-profile=",
      idle: ["d", "dump"],
    },
  ],
  ["prlimit", { short: "c::d::e::f::i::l::m::n::q::r::s::t::u::v::x::y::p:", long: "pid=", idle: ["p", "pid"] }],
  ["time", { short: "apqvo:f:", long: "append portability quiet verbose output= format=" }],
  ["gtime", { short: "apqvo:f:", long: "append portability quiet verbose output= format=" }],
  [
    "watch",
    {
      short: "bcCdeghin:pq:rtvwx",
      long: "beep color no-color differences? errexit chgexit interval= precise equexit= no-rerun no-title no-wrap exec",
      joined: ["x", "exec"],
    },
  ],
  [
    "strace",
    {
      short: "cCdDfFiknqrtTvwxyYzZa:b:e:E:I:o:O:p:P:s:S:u:U:X:",
      opaque: ["o", "E"],
    },
  ],
  ["ltrace", { short: "cCfiLrStTA:a:D:e:F:l:n:o:p:s:u:w:x:X:", opaque: ["F", "o"] }],
  [
    "script",
    {
      short: "aefqB:I:O:T:m:E:c:o:t::",
      long: "append command= echo= return flush force output-limit= log-io= log-in= log-out= log-timing= logging-format= quiet timing?",
      permutes: true,
      text: ["c", "command"],
    },
  ],
  ["busybox", { long: "list list-full help", idle: ["list", "list-full", "help"] }],
  ["toybox", plain],
  ["fakeroot", { short: "b:hi:l:s:uv", long: "unknown-is-real fd-base=", opaque: ["l"], elseShell: true }],
  ["dbus-run-session", { long: "config-file=" }],
  [
    "xvfb-run",
    {
      short: "ae:f:ln:p:s:w:",
      long: "auto-servernum error-file= auth-file= listen-tcp server-num= xauth-protocol= server-args= wait=",
    },
  ],
  ["unbuffer", { short: "p" }],
  ["chronic", { short: "ve" }],
  ["ifne", { short: "n" }],
  ["eatmydata", plain],
  ["linux32", { short: "3BFILRSTXZv" }],
  ["linux64", { short: "3BFILRSTXZv" }],
  ["systemd-inhibit", { long: "what= who= why= mode= list no-pager", idle: ["list"] }],
  ["caffeinate", { short: "dimsut:w:" }],
  ["ip", { subcommand: ["netns", "exec"], operands: [any] }],
  ["npx", packageRunner],
  ["bunx", plain],
  ["uvx", { short: "qvp:", long: "from= with= python= quiet verbose isolated" }],
  ["npm", { ...packageRunner, subcommand: ["exec"] }],
  ["pnpm", { subcommand: ["exec"], short: "rc", long: "recursive", opaque: ["c"] }],
  [
    "uv",
    {
      subcommand: ["run"],
      short: "qvp:",
      long: "with= python= extra= group= env-file= frozen locked no-sync no-project quiet",
    },
  ],
  ["poetry", { subcommand: ["run"] }],
  ["pipenv", { subcommand: ["run"] }],
  ["pdm", { subcommand: ["run"] }],
  ["bundle", { subcommand: ["exec"], long: "keep-file-descriptors gemfile=" }],
  ["conda", { subcommand: ["run"], short: "n:p:", long: "name= prefix= no-capture-output live-stream cwd=" }],
  ["direnv", { subcommand: ["exec"], operands: [any] }],
]);

/** They start what their arguments say, in ways of their own. */
export const opaqueStarters: ReadonlySet<string> = new Set(
  (
    "aa-exec asdf at batch bwrap dc ed ex m4 capsh cpulimit crontab csh daemon daemonize distrobox dotenv entr env-cmd expect firejail " +
    "flatpak gdb gdbserver gpg-agent hyperfine in-place ld.so lldb mise ncat nix nix-shell numactl parallel pee perf proot " +
    "proxychains rlwrap runcon screen setarch socat ssh-agent start-stop-daemon systemd-run tcsh tmux torsocks valgrind wine"
  ).split(" "),
);
