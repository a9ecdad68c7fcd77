/** Holds a tunnel in the foreground until it is asked to end, and says what becomes of it. */
import type { CommandContext } from "../command.ts";
import { control, whenRunning } from "../control/request.ts";
import { printable } from "../shown.ts";
import type { TunnelPlan } from "./plan.ts";
import { runTunnel, type TunnelStatus } from "./tunnel.ts";

/** `publicUrl` is the address that the hub's settings have. */
export async function hold(
  plan: TunnelPlan,
  { places, options }: CommandContext,
  publicUrl: string | undefined,
): Promise<undefined> {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const asJson = options.json === true;
  if (!asJson && plan.toHub && !(await hubRuns(places.hubControl)))
    say("The hub does not run yet: start it with `paddock up`.");
  const changed = (status: TunnelStatus) =>
    say(asJson ? JSON.stringify(status) : wordsOn(status, publicUrl).map(printable).join("\n"));
  await runTunnel({ plan, socket: places.tunnelControl, changed }, stopping.signal);
  return undefined;
}

const hubRuns = async (socket: string): Promise<boolean> =>
  (await whenRunning(control({ socket, path: "/status" }))) !== null;

function wordsOn({ state, address, reason }: TunnelStatus, publicUrl: string | undefined): string[] {
  if (state !== "up") return [`The tunnel is down (${reason}). It is tried again.`];
  if (address === null) return ["The tunnel is up."];
  return [`The tunnel is up: ${address}`, ...(isSame(address, publicUrl) ? [] : unknownAddress(address))];
}

/** The hub answers under the address of its settings only. */
const unknownAddress = (address: string): string[] => [
  "Paddock does not go by this address yet. Start it so, in another terminal:",
  `  paddock up --public-url ${address}`,
];

const isSame = (address: string, publicUrl: string | undefined): boolean =>
  publicUrl !== undefined && new URL(address).origin === new URL(publicUrl).origin;
