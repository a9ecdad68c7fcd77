/**
 * What the gate costs a call that nobody is asked about: decided by the owner's rules, written to ledger and audit log, and the
 * link there and back. The tool itself does next to nothing.
 */
import { join } from "node:path";
import { configSchema, type Principal } from "@paddock/contract";
import { attachToRunner } from "@paddock/hub/attached";
import { type Figure, inTurns } from "../figure.ts";
import { besideEcho } from "./calls.ts";

const principal: Principal = { id: "owner", name: "bench", surface: "stdio", toolset: "full", workspaces: [] };
const log = { debug() {}, info() {}, warn() {}, error() {} };
const question = JSON.stringify({ tool: "agent_status", input: { id: 1, text: "a short question" } });

/** Of the kinds that an owner has; none speaks about the call. */
const rules = [
  ["deny", "--reason", "Not from here.", "--", "terraform", "destroy"],
  ["ask", "--reason", "I look at each.", "--", "npm", "publish"],
  ["deny", "--reason", "Mine alone.", "--path", "~/private"],
];

export const gate: Figure = {
  name: "gate",
  async measure({ world, echo }) {
    for (const rule of rules) await world.paddock("policy", ...rule);
    const socket = join(world.home, "runner", "control.sock");
    const { runs, close } = await attachToRunner({ socket, config: configSchema.parse({}), log });
    const { base, call } = await inTurns(
      {
        base: () => echo.post("/echo", question),
        call: () => runs.call({ principal, tool: "agent_status", input: {} }),
      },
      { rounds: 20, each: 50 },
    );
    close();
    return [besideEcho("gate, with the link to it", call, base, 3)];
  },
};
