/** Starts a background process in the cage of its domain, where its shell lives too. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackgroundProcess } from "./background.ts";
import type { DomainCage } from "./domain-cage.ts";
import { FifoReader, openFifoWriter } from "./fifo.ts";
import { OutputLog } from "./output-log.ts";
import { quote } from "./quote.ts";
import type { ProcessRegistry } from "./registry.ts";

export interface StartOptions {
  domain: string;
  command: string;
  cwd: string;
  /** Text for bash that sets the shell's variables; null for a clean start. */
  state: Buffer | null;
  /** Output kept, both streams together. */
  outputBytes: number;
}

export async function startProcess(
  cage: DomainCage,
  registry: ProcessRegistry,
  options: StartOptions,
): Promise<BackgroundProcess> {
  const { domain, command, cwd, state, outputBytes } = options;
  registry.checkRoom(domain);
  const lane = await cage.takeLane();
  const printed = { stdout: new OutputLog(outputBytes / 2), stderr: new OutputLog(outputBytes / 2) };
  let background: BackgroundProcess | null = null;
  const readers = [
    { path: lane.out, log: printed.stdout },
    { path: lane.err, log: printed.stderr },
  ].map(
    ({ path, log }) =>
      new FifoReader(path, (chunk) => {
        log.push(chunk);
        background?.changed();
      }),
  );
  for (const reader of readers) reader.attach(() => undefined);
  const stdin = openFifoWriter(lane.in);
  const task = cage.start(lane, scriptOf(cage, lane.number, { command, cwd, state }));
  const ended = task.ended.then((code) => {
    for (const reader of readers) {
      reader.drain();
      reader.close();
    }
    stdin.destroy();
    cage.lanes.drop(lane);
    return code;
  });
  await task.started;
  const reach = { ended, members: task.members, check: task.check, stdin };
  background = registry.add({ domain, command, cwd, identity: task.leader(), printed, reach });
  return background;
}

function scriptOf(
  cage: DomainCage,
  lane: number,
  { command, cwd, state }: Pick<StartOptions, "command" | "cwd" | "state">,
): string {
  const lines = [`cd -- ${quote(cwd)} || exit 1`, `eval ${quote(command)}`];
  if (state === null) return lines.join("\n");
  writeFileSync(join(cage.lanes.folder, `${lane}.state`), state, { mode: 0o600 });
  return [`. ${cage.inside}/${lane}.state >/dev/null 2>&1`, ...lines].join("\n");
}
