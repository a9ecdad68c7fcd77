/** Machines as the hub tells of them, and how they are shown. */
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { localTime, printable, type Shown, table } from "../shown.ts";

export interface MachineRecord {
  id: string;
  name: string;
  labels: string[];
  hostname: string;
  own: boolean;
  online: boolean;
  disabled: boolean;
  enrolledAt: string;
  lastSeenAt: string | null;
  conflictAt: string | null;
}

type Context = Pick<CommandContext, "places">;

export const pathOf = (name: string): string => `/machines/${encodeURIComponent(name)}`;

/** Changes a machine, and shows what it is then. */
export async function changed({ places }: Context, name: string, body: object): Promise<Shown> {
  return shownMachine(
    await control<MachineRecord>({ socket: places.hubControl, method: "POST", path: pathOf(name), body }),
  );
}

export function shownMachines(machines: readonly MachineRecord[]): Shown {
  const rows = machines.map((machine) => [
    machine.name,
    stateOf(machine),
    machine.own ? "this machine" : machine.hostname,
    machine.labels.join(" "),
    seenOf(machine),
  ]);
  const text =
    machines.length === 0
      ? "There are no machines. `paddock machine invite` makes a code with which one can join."
      : table(["NAME", "STATE", "HOST", "LABELS", "LAST SEEN"], rows);
  return { json: machines, text };
}

export function shownMachine(machine: MachineRecord): Shown {
  const lines = [
    ["name", machine.name],
    ["id", machine.id],
    ["state", stateOf(machine)],
    ["host", machine.own ? `${machine.hostname}, where the hub runs` : machine.hostname],
    ["labels", machine.labels.join(" ") || "none"],
    ["enrolled", localTime(machine.enrolledAt)],
    ["last seen", seenOf(machine)],
  ];
  return {
    json: machine,
    text: lines.map(([key = "", value = ""]) => `${key.padEnd(13)}${printable(value)}`).join("\n"),
  };
}

/** A second runner tries at least twice in that time. */
const contestedMs = 120_000;

function stateOf({ online, disabled, conflictAt }: MachineRecord): string {
  if (disabled) return "disabled";
  const isContested = conflictAt !== null && Date.now() - Date.parse(conflictAt) < contestedMs;
  return `${online ? "online" : "offline"}${isContested ? ", and a second runner has its key" : ""}`;
}

const seenOf = ({ online, lastSeenAt }: MachineRecord): string =>
  lastSeenAt === null ? "never" : online ? "now" : localTime(lastSeenAt);

export const nameOption = (options: CommandContext["options"]) => {
  const name = textOption(options, "name");
  return name === undefined ? {} : { name };
};
