/** What runs, and where. */
import type { CommandContext } from "../command.ts";
import { control, whenRunning } from "../control/request.ts";
import { machinesElsewhere } from "../doctor/machines-elsewhere.ts";
import type { MachineRecord } from "../machines/shown-machines.ts";
import { bold, paint, printable, type Shown } from "../shown.ts";
import type { TunnelStatus } from "../tunnel/tunnel.ts";

interface HubStatus {
  version: string;
  pid: number;
  url: string;
  listens: string;
  uptimeSeconds: number;
  openRuns: number;
}

interface RunnerStatus {
  version: string;
  pid: number;
  workspace: string;
  profile: string;
  sandbox: string;
  missing: string[];
  hub: boolean;
  /** Why there is no link to the hub. */
  problem: string | null;
  /** The hub elsewhere that this machine has joined. */
  joined: string | null;
  active: number;
  /** What is wrong with the rule file. */
  rules: string | null;
}

export async function run({ places }: CommandContext): Promise<Shown> {
  const [hub, runner, tunnel] = await Promise.all([
    whenRunning(control<HubStatus>({ socket: places.hubControl, path: "/status" })),
    whenRunning(control<RunnerStatus>({ socket: places.runnerControl, path: "/status" })),
    whenRunning(control<TunnelStatus>({ socket: places.tunnelControl, path: "/" })),
  ]);
  const elsewhere = hub && !runner ? await machinesElsewhere(places) : [];
  const lines = [
    ...(runner?.joined ? [] : part("hub", hub && hubFacts(hub))),
    ...(elsewhere.length > 0 ? machineLines(elsewhere) : part("runner", runner && runnerFacts(runner))),
    ...(tunnel ? part("tunnel", tunnelFacts(tunnel)) : []),
    `state   ${printable(places.home)}`,
  ];
  const ok = runner ? hub !== null || runner.joined !== null : elsewhere.length > 0;
  if (!ok) lines.push("", "Start it with `paddock up`.");
  return { json: { home: places.home, hub, runner, tunnel }, text: lines.join("\n"), exitCode: ok ? 0 : 7 };
}

type Fact = readonly [name: string, value: string];

const hubFacts = ({ url, listens, uptimeSeconds, openRuns, pid, version }: HubStatus): Fact[] => [
  ["address", url],
  ...(listens === url ? [] : [["listens on", listens] as const]),
  ["up for", duration(uptimeSeconds)],
  ["open runs", String(openRuns)],
  ["process", `${pid}, version ${version}`],
];

const runnerFacts = ({
  workspace,
  profile,
  sandbox,
  missing,
  hub,
  problem,
  joined,
  active,
  rules,
  pid,
  version,
}: RunnerStatus): Fact[] => [
  ["workspace", workspace],
  ["profile", profile],
  ["sandbox", sandbox === "none" ? paint("31;1", "none: commands run with all rights of your account") : sandbox],
  ...missing.map((line) => ["not enforced", line] as const),
  ...(rules === null ? [] : [["rules", `those of before: ${rules}`] as const]),
  ["hub", `${hub ? "linked" : paint("33", "no link")}${joined === null ? "" : ` to ${joined}`}`],
  ...(hub || problem === null ? [] : [["", problem] as const]),
  ["active calls", String(active)],
  ["process", `${pid}, version ${version}`],
];

/** A hub without a machine of its own. */
const machineLines = (machines: readonly MachineRecord[]): string[] => [
  `${bold("machines")} ${machines.filter(({ online }) => online).length} of ${machines.length} online; \`paddock machine list\` names them`,
];

const tunnelFacts = ({ kind, state, since, address, reason, pid }: TunnelStatus): Fact[] => [
  ["kind", kind],
  [
    "state",
    `${state === "up" ? paint("32", state) : paint("33", state)} since ${since.slice(0, 19).replace("T", " ")}`,
  ],
  ...(address === null ? [] : [["address", address] as const]),
  ...(reason === null ? [] : [["because", reason] as const]),
  ["process", String(pid)],
];

function part(name: string, facts: Fact[] | null): string[] {
  const title = bold(name.padEnd(8));
  if (!facts) return [`${title}${paint("31", "not running")}`];
  return [`${title}${paint("32", "running")}`, ...facts.map(([key, value]) => `  ${key.padEnd(14)}${clean(value)}`)];
}

/** Own colours stay; whatever else would steer the terminal does not. */
const clean = (value: string): string => (value.startsWith("\x1b") ? value : printable(value));

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
