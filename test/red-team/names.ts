/** Names that lead where the attacker wants them to, for real and in the control. */

/** Where a name leads when it was asked for so many times before. */
export const addressesOf = (name: string, times: number): readonly string[] => {
  const known = names[name] ?? [];
  return known[Math.min(times, known.length - 1)] ?? [];
};

const names: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "site.test": [["127.0.0.1"]],
  "inside.test": [["127.0.0.1"]],
  "any.test": [["0.0.0.0"]],
  "mapped.test": [["::ffff:127.0.0.1"]],
  "translated.test": [["64:ff9b::7f00:1"]],
  "relayed.test": [["2002:7f00:1::"]],
  "both.test": [["93.184.216.34", "127.0.0.1"]],
  // Leads to an address where nobody listens as long as it is looked at, and to one that is never reached after that.
  "turning.test": [["127.0.0.2"], ["0.0.0.0"]],
};

interface Ports {
  tcpPort: number;
  sitePort: number;
}

/** What the owner lists as places of the inside. */
export const insideOf = ({ tcpPort, sitePort }: Ports): string[] => [
  `site.test:${sitePort}`,
  `turning.test:${tcpPort}`,
];

/** What the owner lists as public hosts. */
export const publicOf = ({ tcpPort }: Ports): string[] =>
  ["inside", "any", "mapped", "translated", "relayed", "both"].map((name) => `${name}.test:${tcpPort}`);
