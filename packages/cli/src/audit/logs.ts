/** The audit logs of this installation. They are read from their files, so that they can be looked at while nothing runs. */
import { join } from "node:path";
import { headIn, headsReceived, isAuditLog, keyOf, type Verification, verifyLog, type Witness } from "@paddock/audit";
import { type ChainHead, PaddockError } from "@paddock/contract";
import { control, whenRunning } from "../control/request.ts";
import type { Places } from "../home.ts";

export const logNames = ["runner", "hub"] as const;
export type LogName = (typeof logNames)[number];

export const folderOf = ({ home }: Places, name: LogName): string => join(home, name);
export const controlOf = (places: Places, name: LogName): string =>
  name === "hub" ? places.hubControl : places.runnerControl;
const otherThan = (name: LogName): LogName => (name === "hub" ? "runner" : "hub");

/** The logs that were ever begun here. */
export const logsOf = (places: Places): LogName[] => logNames.filter((name) => isAuditLog(folderOf(places, name)));

/**
 * Null for a log that was never begun. Each is compared with its running writer, if there is one, with the other log, and with what
 * another machine remembers of it: files that were brought from there. Throws invalid_input for one that is about no log here.
 */
export async function verifyLogs(
  places: Places,
  brought: readonly string[] = [],
): Promise<Record<LogName, Verification | null>> {
  const witnesses = brought.map((file) => witnessFrom(file, places));
  const of = (name: LogName) => witnesses.filter(({ log }) => log === name);
  const [runner, hub] = await Promise.all(logNames.map((name) => verify(places, name, of(name))));
  return { runner: runner ?? null, hub: hub ?? null };
}

async function verify(places: Places, name: LogName, witnesses: readonly Witness[]): Promise<Verification | null> {
  const folder = folderOf(places, name);
  if (!isAuditLog(folder)) return null;
  const running = await whenRunning(control<ChainHead>({ socket: controlOf(places, name), path: "/audit/head" }));
  const other = otherThan(name);
  return verifyLog(folder, [
    { who: `the running ${name}`, heads: running ? [running] : [] },
    { who: `the ${other}'s log`, heads: headsReceived(folderOf(places, other)) },
    ...witnesses,
  ]);
}

/** The signature says whose log the head is of, so that nobody has to be believed on the way. */
function witnessFrom(file: string, places: Places): Witness & { log: LogName } {
  const head = headIn(file);
  const log = head && logsOf(places).find((name) => keyOf(folderOf(places, name)) === head.key);
  if (log) return { log, who: file, heads: [head] };
  throw new PaddockError(
    "invalid_input",
    head ? `${file} is about a log that is not here.` : `${file} holds no signed end of an audit log.`,
    "Bring the file audit.other.MACHINE.json from the state folder of the hub, or of a machine.",
  );
}
