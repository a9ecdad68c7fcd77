/** The commands about the owner's passphrase. */
import type { CommandSpec } from "../command.ts";

export const passphraseCommands: readonly CommandSpec[] = [
  {
    usage: "passphrase set",
    summary: "Want a passphrase for approving, rules, roots, devices and tokens",
    load: () => import("./set.ts"),
  },
  {
    usage: "passphrase clear",
    summary: "Want none any more",
    load: () => import("./clear.ts"),
  },
];
