/** Tells what already runs on this state folder, so that a second `paddock up` says it instead of failing half-way. */
import { PaddockError } from "@paddock/contract/errors";
import { control, whenRunning } from "../control/request.ts";

/** Throws already_running when a hub or a runner answers; sockets that nobody serves any more are no hindrance. */
export async function refuseRunning(hubControl: string, runnerControl: string): Promise<void> {
  const hub = await whenRunning(control<{ url: string; pid: number }>({ socket: hubControl, path: "/status" }));
  if (hub) {
    throw new PaddockError(
      "already_running",
      `Paddock runs already, at ${hub.url}.`,
      "See `paddock status`. A second one needs a PADDOCK_HOME and a port of its own.",
    );
  }
  const runner = await whenRunning(control<{ pid: number }>({ socket: runnerControl, path: "/status" }));
  if (runner) {
    throw new PaddockError(
      "already_running",
      `A runner without a hub runs already (process ${runner.pid}); an MCP client on this machine may have started it.`,
      "Quit that client, start Paddock, then start the client again: it uses this runner.",
    );
  }
}
