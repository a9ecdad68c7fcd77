/** The machines that have joined this hub, and the hub that this machine has joined. */
import { control, whenRunning } from "../control/request.ts";
import type { Places } from "../home.ts";
import type { MachineRecord } from "../machines/shown-machines.ts";
import { type Check, ok, warn } from "./finding.ts";

export async function machinesElsewhere({ hubControl }: Places): Promise<MachineRecord[]> {
  const found = await whenRunning(control<{ machines: MachineRecord[] }>({ socket: hubControl, path: "/machines" }));
  return found?.machines.filter(({ own }) => !own) ?? [];
}

/** The address of the hub elsewhere that this machine works for, or null. */
export async function hubElsewhere({ runnerControl }: Places): Promise<string | null> {
  const found = await whenRunning(control<{ joined: string | null }>({ socket: runnerControl, path: "/status" }));
  return found?.joined ?? null;
}

export const machines: Check = async ({ places }) => {
  const known = (await machinesElsewhere(places)).filter(({ disabled }) => !disabled);
  const offline = known.filter(({ online }) => !online);
  if (known.length === 0) return null;
  if (offline.length === 0)
    return ok(known.length === 1 ? "the machine is online" : `all ${known.length} machines are online`);
  const since = ({ name, lastSeenAt }: MachineRecord): string =>
    `${name} (${lastSeenAt === null ? "never seen" : `last seen ${lastSeenAt.slice(0, 19).replace("T", " ")}`})`;
  return warn(
    `offline: ${offline.map(since).join(", ")}`,
    "On that machine, `paddock doctor` says why. It comes back by itself; what was under way there goes on.",
  );
};
