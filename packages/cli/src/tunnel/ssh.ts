/** A port of a server of the owner's, forwarded by ssh; a reverse proxy there gives it its public address. */
import { PaddockError } from "@paddock/contract";
import { environmentFor, type TunnelPlan } from "./plan.ts";

export interface SshWish {
  program: string;
  /** `user@host`, or a name of the owner's ssh settings. */
  destination: string;
  remotePort: number;
  target: string;
  publicUrl: string | undefined;
  environment: NodeJS.ProcessEnv;
}

/** Asks nobody, ends when the port cannot be had, and notices within a minute that the other side is gone. */
const options = [
  "BatchMode=yes",
  "ExitOnForwardFailure=yes",
  "ServerAliveInterval=15",
  "ServerAliveCountMax=3",
  "ConnectTimeout=20",
  "ControlPath=none",
  "PermitLocalCommand=no",
];

/** Throws invalid_input for a destination that ssh would take for an option. */
export function sshPlan({ program, destination, remotePort, target, publicUrl, environment }: SshWish): TunnelPlan {
  if (!/^[\w.@:[\]-]+$/.test(destination) || destination.startsWith("-")) {
    throw new PaddockError("invalid_input", "That is no destination for ssh.", "Name it as ssh takes it: USER@HOST.");
  }
  const { host } = new URL(target);
  return {
    kind: "ssh",
    command: [
      program,
      ...["-N", "-T", "-v"],
      ...options.flatMap((option) => ["-o", option]),
      ...["-R", `127.0.0.1:${remotePort}:${host}`],
      "--",
      destination,
    ],
    environment: environmentFor(environment),
    address: publicUrl ?? null,
    toHub: true,
    read: (line) => (/remote forward success/.test(line) ? { up: true } : null),
  };
}
