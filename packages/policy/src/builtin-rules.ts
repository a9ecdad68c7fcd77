/** The rules of every installation. What no rule speaks about is asked about. */
import type { Rule } from "./rule.ts";

export const builtinRules: readonly Rule[] = [
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
    id: "closed",
    verdict: "deny",
    when: { closed: true },
    builtin: "firm",
    reason: "The path holds credentials or Paddock's own state, or the owner has closed it.",
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
    assurance: "device",
    builtin: "yields",
    reason: "The call wants to reach the network.",
  },
  {
    id: "no-cage",
    verdict: "ask",
    when: { wishes: ["no_cage"] },
    assurance: "device",
    builtin: "yields",
    reason: "The call wants to run outside of the cage, with the rights of your own account.",
  },
  {
    id: "beyond-roots",
    verdict: "ask",
    when: { wishes: ["beyond"] },
    assurance: "device",
    builtin: "yields",
    reason: "The call wants paths outside of the workspace.",
  },
  {
    id: "disks-and-power",
    verdict: "deny",
    when: {
      wishes: ["no_cage"],
      programs: [
        "mkfs",
        "mkfs.*",
        "mkswap",
        "wipefs",
        "blkdiscard",
        "fdisk",
        "sfdisk",
        "cfdisk",
        "gdisk",
        "sgdisk",
        "parted",
      ]
        .concat(["cryptsetup", "shutdown", "reboot", "poweroff", "halt", "kexec"])
        .map((name) => ({ name, args: [] })),
    },
    builtin: "yields",
    reason: "The program formats or wipes disks, or switches the machine off.",
  },
];
