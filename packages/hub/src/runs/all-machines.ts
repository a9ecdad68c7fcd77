/**
 * Bridged servers of all machines at once: each machine is asked in a run of its own, all at the same time, and one that is
 * away, slow or refuses is named beside the servers of the others.
 */
import { PaddockError } from "@paddock/contract";
import type { OutputOf } from "@paddock/contract/tools";
import type { LinkedMachine } from "../machines/machine.ts";
import { jsonBytes } from "./answers.ts";
import type { Answer } from "./runs.ts";

type Servers = OutputOf<"mcp_servers">;
type Missed = NonNullable<Servers["failed"]>[number];

/** `ask` resolves with the answer of one machine, or throws what keeps it from being asked. */
export async function serversOfAll(
  machines: readonly LinkedMachine[],
  ask: (machine: LinkedMachine) => Promise<Answer>,
): Promise<Answer> {
  const said = await Promise.all(machines.map((machine) => answerOf(machine, ask)));
  const servers = said.flatMap((one) => ("servers" in one ? one.servers : []));
  const failed = said.flatMap((one) => ("code" in one ? [one] : []));
  const data: Servers = { servers, count: servers.length, failed };
  const missing = failed.length === 0 ? "" : `; ${failed.length} could not be asked`;
  const summary = `${servers.length} servers on ${machines.length - failed.length} machines${missing}.`;
  const envelope = jsonBytes({ ok: true, tool: "mcp_servers", summary, data });
  return { run: null, state: "completed", ok: true, envelope, content: null };
}

async function answerOf(
  machine: LinkedMachine,
  ask: (machine: LinkedMachine) => Promise<Answer>,
): Promise<{ servers: Servers["servers"] } | Missed> {
  try {
    const { envelope } = await ask(machine);
    const { ok, data } = JSON.parse(envelope.toString("utf8"));
    if (!ok) return { machine: machine.name, code: data.code, message: data.message };
    if (!Array.isArray(data.servers))
      return missed(machine, new PaddockError("timeout", "It has not answered in time."));
    return {
      servers: data.servers.map((server: Servers["servers"][number]) => ({ machine: machine.name, ...server })),
    };
  } catch (error) {
    if (error instanceof PaddockError) return missed(machine, error);
    throw error;
  }
}

const missed = ({ name: machine }: LinkedMachine, { code, message }: PaddockError): Missed => ({
  machine,
  code,
  message,
});
