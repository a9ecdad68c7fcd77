/** What runs, and where. */
import type { CommandContext } from "../command.ts";
import { control, whenRunning } from "../control/request.ts";
import { bold, paint, printable, type Shown } from "../shown.ts";

type Facts = Record<string, unknown>;

export async function run({ places }: CommandContext): Promise<Shown> {
  const [hub, runner] = await Promise.all([ask(places.hubControl), ask(places.runnerControl)]);
  const text = [...section("hub", hub), ...section("runner", runner), `state: ${places.home}`].join("\n");
  return { json: { home: places.home, hub, runner }, text, exitCode: hub && runner ? 0 : 7 };
}

const ask = (socket: string): Promise<Facts | null> => whenRunning(control<Facts>({ socket, path: "/status" }));

function section(name: string, facts: Facts | null): string[] {
  if (!facts) return [`${bold(name)}: ${paint("31", "not running")}; start it with \`paddock up\``];
  const lines = Object.entries(facts).map(
    ([key, value]) => `  ${key}: ${printable(typeof value === "string" ? value : JSON.stringify(value))}`,
  );
  return [`${bold(name)}: ${paint("32", "running")}`, ...lines];
}
