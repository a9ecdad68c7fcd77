/** A command in the cage tries to become more than it is: what a cage would allow that kept its capabilities. */
import { type Mechanism, script } from "../mechanism.ts";
import { systemCall } from "../system-calls.ts";

const perl = (code: string) => `perl -e '${code}'`;

/** A row that is told by a word that the script prints when it worked. */
const plain = (id: string, tries: string, defence: string, text: string): Mechanism => ({
  id: `privileges/${id}`,
  tries,
  defence,
  harm: "line crossed",
  async attack({ sh }, { cross }) {
    if ((await sh(text)).split("\n").includes("it worked")) cross("it worked");
  },
});

const row = (id: string, tries: string, text: string): Mechanism => ({
  ...plain(id, tries, "that a cage has no capability", text),
  weakness: "keeps capabilities",
});

const worked = "echo it worked";
const printed = `print "it worked\\n"`;

export const privileges: readonly Mechanism[] = [
  row("mount", "mount a file system", `mount -t tmpfs none /usr/share && ${worked}`),
  row(
    "bind-mount",
    "put another file in the place of one of the system",
    `mount --bind /dev/null /etc/passwd && ${worked}`,
  ),
  row(
    "new-mount",
    "mount by the newer system calls",
    perl(`$t = "tmpfs"; $f = syscall(430, $t, 0); ${printed} if $f >= 0`),
  ),
  row("change-root", "change the root folder", perl(`chroot("/usr") and ${printed}`)),
  row(
    "pivot-root",
    "exchange the root folder for another",
    perl(`$! = 0; $d = "."; syscall(${systemCall.pivot_root}, $d, $d); ${printed} if $! == 22 || $! == 16`),
  ),
  row(
    "own-namespace",
    "become root in a namespace of their own",
    `unshare --user --map-root-user --mount true && ${worked}`,
  ),
  row(
    "own-namespace-network",
    "make interfaces in a namespace of their own",
    `unshare --user --map-root-user --net true && ${worked}`,
  ),
  row(
    "other-namespace",
    "enter a namespace by its file",
    perl(`open F, "/proc/self/ns/uts"; syscall(${systemCall.setns}, fileno(F), 0) == 0 and ${printed}`),
  ),
  row(
    "host-name",
    "change the machine's name",
    perl(`$n = "evil"; syscall(${systemCall.sethostname}, $n, 4) == 0 and ${printed}`),
  ),
  row("kernel-settings", "change how the kernel works", `echo 1 >/proc/sys/net/ipv4/ip_forward && ${worked}`),
  row("packet-socket", "listen to all packets", perl(`use Socket; socket(my $s, 17, SOCK_RAW, 768) and ${printed}`)),
  row("raw-socket", "make packets by hand", perl(`use Socket; socket(my $s, AF_INET, SOCK_RAW, 255) and ${printed}`)),
  row(
    "restart",
    "restart the machine",
    perl(`$! = 0; syscall(${systemCall.reboot}, 1, 2, 3, 0); ${printed} if $! == 22`),
  ),
  row(
    "low-port",
    "listen where only the system may",
    perl(
      `use Socket; socket(my $s, AF_INET, SOCK_STREAM, 0); bind($s, sockaddr_in(80, INADDR_LOOPBACK)) and ${printed}`,
    ),
  ),
  row(
    "capabilities",
    "get a capability from the set that is left",
    `grep -q 'CapBnd:.*[1-9a-f]' /proc/self/status && ${worked}`,
  ),
  plain(
    "new-privileges",
    "gain rights by a setuid program",
    "that a cage gains no new privileges",
    `grep -q 'NoNewPrivs:.0' /proc/self/status && ${worked}`,
  ),
  plain(
    "plant-key",
    "leave a key in the owner's keyring",
    "the filter of system calls",
    perl(`$t = "user"; $n = "planted"; $v = "x"; syscall(${systemCall.add_key}, $t, $n, $v, 1, -4) > 0 and ${printed}`),
  ),
  plain(
    "faults-of-memory",
    "hold the kernel up in the middle of a copy",
    "the filter of system calls",
    perl(`syscall(${systemCall.userfaultfd}, 1) >= 0 and ${printed}`),
  ),
  plain(
    "type-into-terminal",
    "type into a terminal, as if the owner did",
    "the filter of system calls",
    // Whatever the terminal says to it, the kernel was asked.
    [
      `cat >type.pl <<'E'`,
      `$! = 0; $c = chr 10; ioctl(STDIN, 0x5412, $c); ${printed} if $! != 1;`,
      "E",
      "script -qec 'perl type.pl' /dev/null | tr -d '\\r'",
    ].join("\n"),
  ),
  {
    ...plain(
      "owners-terminal",
      "get at the terminal that Paddock was started from",
      "that a cage has a session of its own",
      `(exec 9<>/dev/tty) 2>/dev/null && ${worked}`,
    ),
    control: async ({ sh }, { cross }) => {
      if (/it worked/.test(await sh(`script -qec "(exec 9<>/dev/tty) && ${worked}" /dev/null`))) cross("it worked");
    },
  },
  script("privileges", {
    id: "remount",
    tries: "make a read-only place writable",
    defence: "that a cage has no capability",
    harm: "file changed",
    weakness: "keeps capabilities",
    script: ({ outside }) => `mount -o remount,rw,bind ${outside}; echo changed >${outside}/guarded.txt`,
  }),
  script("privileges", {
    id: "uncover",
    tries: "take away what covers a credential",
    defence: "that a cage has no capability",
    harm: "secret read",
    weakness: "keeps capabilities",
    script: ({ sshKey }) => `umount ${sshKey}; cat ${sshKey}`,
  }),
];
