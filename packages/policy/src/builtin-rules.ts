/** The rules of every installation. What no rule speaks about is asked about. */
import type { Rule } from "./rule.ts";

export interface ClosedPlaces {
  /** Where credentials lie, and what else the owner has closed. Absolute. */
  credentials: readonly string[];
  /** Paddock's own state. */
  state: string;
}

export const builtinRules = ({ credentials, state }: ClosedPlaces): readonly Rule[] => [
  ...standing,
  {
    id: "own-state",
    verdict: "deny",
    when: { hidden: [state] },
    builtin: "firm",
    reason: "Paddock's own state is nobody's but the owner's.",
  },
  {
    id: "credentials",
    verdict: "deny",
    when: { hidden: credentials },
    builtin: "firm",
    reason: "The path holds credentials, or the owner has closed it.",
  },
];

const standing: readonly Rule[] = [
  {
    id: "contained",
    verdict: "allow",
    when: { contained: true },
    builtin: "yields",
    reason: "Work inside the cage can touch nothing but the workspace, so it runs without asking.",
  },
  {
    id: "readonly-profile",
    verdict: "deny",
    when: { profiles: ["readonly"], effects: ["adds", "changes", "reaches"] },
    builtin: "firm",
    reason: "The profile in force is readonly.",
  },
  {
    id: "confirm",
    verdict: "ask",
    when: { wishes: ["confirm"] },
    builtin: "firm",
    reason: "The caller itself wants you to be asked.",
  },
  {
    id: "secret-file",
    verdict: "ask",
    when: { secrets: true },
    builtin: "yields",
    reason: "The file has the name of one that holds secrets.",
  },
  {
    id: "network",
    verdict: "ask",
    when: { wishes: ["network"] },
    assurance: "local",
    builtin: "yields",
    reason: "The call wants to reach the network.",
  },
  {
    id: "no-cage",
    verdict: "ask",
    when: { wishes: ["no_cage"] },
    assurance: "local",
    builtin: "yields",
    reason: "The call wants to run outside of the cage, with the rights of your own account.",
  },
  {
    id: "beyond-roots",
    verdict: "ask",
    when: { wishes: ["beyond"] },
    assurance: "local",
    builtin: "yields",
    reason: "The call wants paths outside of the workspace.",
  },
  {
    id: "disks-and-power",
    verdict: "deny",
    when: {
      wishes: ["no_cage"],
      programs: ["mkfs", "mkfs.*", "mkswap", "wipefs", "blkdiscard", "fdisk", "sfdisk", "cfdisk", "gdisk", "sgdisk", "parted"]
        .concat(["cryptsetup", "shutdown", "reboot", "poweroff", "halt", "kexec"])
        .map((name) => ({ name, args: [] })),
    },
    builtin: "yields",
    reason: "The program formats or wipes disks, or switches the machine off.",
  },
];
