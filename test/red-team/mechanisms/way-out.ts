/** The network is open, through Paddock's own way out of the cage. What is inside of the machine stays out of reach. */
import { type Mechanism, script } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const row = (id: string, tries: string, request: (port: number, scene: Scene) => string): Mechanism =>
  script("egress", {
    id,
    tries,
    defence: "that the way out looks at the address that it connects to",
    harm: "packet sent",
    weakness: "goes anywhere",
    script: (scene) => {
      const text = JSON.stringify(request(scene.services.tcpPort, scene)).replaceAll("$", "\\$").replaceAll("@", "\\@");
      return `perl -MIO::Socket::INET -e '
        my ($to) = ($ENV{HTTP_PROXY} // $ENV{http_proxy} // "") =~ m{^http://([^/]+)} or die "no way out";
        my $s = IO::Socket::INET->new(PeerAddr => $to, Timeout => 5) or die "cannot reach it";
        alarm 8; print $s ${text}; $s->flush; print "answered: ", scalar(<$s>); local $/; print <$s>'`;
    },
  });

const tunnel = (host: string) => (port: number) => `CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`;
const plain = (host: string) => (port: number) =>
  `GET http://${host}:${port}/ HTTP/1.1\r\nHost: ${host.replace(/^.*@/, "")}:${port}\r\nConnection: close\r\n\r\n`;

export const wayOut: readonly Mechanism[] = [
  row("tunnel-to-loopback", "open a tunnel to loopback", tunnel("127.0.0.1")),
  row("tunnel-to-own-name", "open a tunnel to the machine by its name", tunnel("localhost")),
  row("tunnel-with-dot", "open a tunnel to a name that ends with a dot", tunnel("localhost.")),
  row("tunnel-in-capitals", "open a tunnel to a name in capitals", tunnel("LOCALHOST")),
  row("number", "open a tunnel to an address that is one number", tunnel("2130706433")),
  row("hexadecimal", "open a tunnel to an address in hexadecimal", tunnel("0x7f000001")),
  row("octal", "open a tunnel to an address in octal", tunnel("0177.0.0.1")),
  row("short", "open a tunnel to a shortened address", tunnel("127.1")),
  row("any", "open a tunnel to the address that means any", tunnel("0.0.0.0")),
  row("mapped", "open a tunnel to an address inside another", tunnel("[::ffff:127.0.0.1]")),
  row("mapped-in-hexadecimal", "open a tunnel to an address inside another, in hexadecimal", tunnel("[::ffff:7f00:1]")),
  row("compatible", "open a tunnel to an address in an old form of another", tunnel("[::127.0.0.1]")),
  row("translated", "open a tunnel to an address that a translator takes for loopback", tunnel("[64:ff9b::7f00:1]")),
  row("relayed", "open a tunnel to an address that a relay takes for loopback", tunnel("[2002:7f00:1::]")),
  row("plain", "ask for a page of loopback", plain("127.0.0.1")),
  row("plain-by-name", "ask for a page of the machine by its name", plain("localhost")),
  row("user-in-address", "ask for a page of loopback behind the name of a public host", plain("example.com@127.0.0.1")),
  row(
    "header-disagrees",
    "ask for a page of a listed host, with loopback in the header",
    (port, { services }) =>
      `GET http://127.0.0.1:${services.sitePort}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
  ),
  row(
    "second-request",
    "send a second request along with one to a listed host",
    (port, { services }) =>
      `GET http://127.0.0.1:${services.sitePort}/ HTTP/1.1\r\nHost: 127.0.0.1:${services.sitePort}\r\nContent-Length: 0\r\n\r\nGET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
  ),
  script("egress", {
    id: "redirect",
    tries: "be sent to loopback by a listed host",
    defence: "that the way out looks at each address again",
    harm: "packet sent",
    weakness: "goes anywhere",
    script: ({ services }) => `perl -MIO::Socket::INET -e '
      my ($to) = ($ENV{HTTP_PROXY} // $ENV{http_proxy} // "") =~ m{^http://([^/]+)} or die "no way out";
      my $next = "http://127.0.0.1:${services.sitePort}/";
      for (1..2) {
        my $s = IO::Socket::INET->new(PeerAddr => $to, Timeout => 5) or die "cannot reach it";
        my ($host) = $next =~ m{^http://([^/]+)}; alarm 8;
        print $s "GET $next HTTP/1.1\\r\\nHost: $host\\r\\nConnection: close\\r\\n\\r\\n"; $s->flush;
        my $said = do { local $/; <$s> }; print $said; ($next) = $said =~ /^Location: (\\S+?)\\r/m or last;
      }'`,
  }),
];
