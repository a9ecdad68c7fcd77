/** Forgets the hub that this machine has joined. */
import { PaddockError } from "@paddock/contract";
import { forgetJoined } from "@paddock/runner/joined";
import type { CommandContext } from "../command.ts";
import { control, whenRunning } from "../control/request.ts";
import type { Shown } from "../shown.ts";

export async function run({ places }: CommandContext): Promise<Shown> {
  if (await whenRunning(control({ socket: places.runnerControl, path: "/status" })))
    throw new PaddockError("already_running", "The runner of this machine runs.", "Stop it first.");
  const left = forgetJoined(places.runner);
  const text = left
    ? "Left the hub. Its owner can forget this machine too: paddock machine remove NAME"
    : "This machine has joined no hub.";
  return { json: { left }, text };
}
