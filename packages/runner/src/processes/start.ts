/** Starts a background process in the cage of its domain, where its shell lives too. A session has a terminal besides. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackgroundProcess, TerminalSize } from "./background.ts";
import type { DomainCage } from "./domain-cage.ts";
import { FifoReader, openFifoWriter } from "./fifo.ts";
import { OutputLog } from "./output-log.ts";
import { quote } from "./quote.ts";
import type { ProcessRegistry } from "./registry.ts";
import { checkTerminal, firstLine, inTerminal, resizeTerminal } from "./terminal.ts";

export interface StartOptions {
  domain: string;
  command: string;
  cwd: string;
  /** Text for bash that sets the shell's variables; null for a clean start. */
  state: Buffer | null;
  /** Output kept, both streams together. */
  outputBytes: number;
  /** Null for a process without a terminal. */
  terminal: TerminalSize | null;
}

export async function startProcess(
  cage: DomainCage,
  registry: ProcessRegistry,
  options: StartOptions,
): Promise<BackgroundProcess> {
  const { domain, command, cwd, outputBytes, terminal } = options;
  registry.checkRoom(domain);
  const lane = await cage.takeLane();
  // A terminal has one stream.
  const outShare = terminal ? 1 - errShare : 1 / 2;
  const printed = {
    stdout: new OutputLog(outputBytes * outShare),
    stderr: new OutputLog(outputBytes * (1 - outShare)),
  };
  let background: BackgroundProcess | null = null;
  const into = (log: OutputLog) => (chunk: Buffer) => {
    log.push(chunk);
    background?.changed();
  };
  const named = firstLine(into(printed.stderr));
  const readers = [
    new FifoReader(lane.out, into(printed.stdout)),
    new FifoReader(lane.err, terminal ? named.push : into(printed.stderr)),
  ];
  for (const reader of readers) reader.attach(() => undefined);
  const stdin = openFifoWriter(lane.in);
  const task = cage.start(lane, scriptOf(cage, lane.number, options));
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
  const device = terminal && checkTerminal(await Promise.race([named.line, ended.then(() => null)]));
  const resize = device === null ? null : (size: TerminalSize) => resizeTerminal(cage, device, size);
  const reach = { ended, members: task.members, check: task.check, stdin, resize };
  background = registry.add({ domain, command, cwd, identity: task.leader(), terminal, printed, reach });
  return background;
}

/** Of the output of a session: only what makes its terminal says anything there. */
const errShare = 1 / 64;

function scriptOf(cage: DomainCage, lane: number, { command, cwd, state, terminal }: StartOptions): string {
  const lines = [`cd -- ${quote(cwd)} || exit 1`, `eval ${quote(command)}`];
  if (state !== null) {
    writeFileSync(join(cage.lanes.folder, `${lane}.state`), state, { mode: 0o600 });
    lines.unshift(`. ${cage.inside}/${lane}.state >/dev/null 2>&1`);
  }
  return terminal ? inTerminal(cage, lane, lines.join("\n"), terminal) : lines.join("\n");
}
