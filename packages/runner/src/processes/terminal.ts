/**
 * Terminals of sessions. Each is made inside the cage, by the `script` of util-linux, so that it is a device of the cage
 * alone: it controls the session in there, nothing outside has it open, and this process needs no native code for it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { TerminalSize } from "./background.ts";
import type { DomainCage } from "./domain-cage.ts";
import { FifoReader, openFifoWriter } from "./fifo.ts";
import type { Lane } from "./lanes.ts";

const sizeText = ({ columns, rows }: TerminalSize): string => `rows ${rows} cols ${columns}`;

/** A script that runs the commands in a terminal. Its first line on stderr is the terminal's path inside. */
export function inTerminal(cage: DomainCage, lane: number, commands: string, size: TerminalSize): string {
  const inner = [
    `stty ${sizeText(size)} echo`,
    "tty >&3; exec 3>&-",
    "export TERM=xterm-256color; unset PAGER GIT_PAGER",
    commands,
  ];
  writeFileSync(join(cage.lanes.folder, `${lane}.inner`), inner.join("\n"), { mode: 0o600 });
  return `export SHELL="$BASH"\nexec script -q -e -c '. ${cage.inside}/${lane}.inner' /dev/null 3>&2`;
}

/** Takes the first line off what comes; `rest` gets all that follows. */
export function firstLine(rest: (chunk: Buffer) => void) {
  const { promise, resolve } = Promise.withResolvers<string>();
  let begun: string | null = "";
  const push = (chunk: Buffer): void => {
    if (begun === null) {
      rest(chunk);
      return;
    }
    begun += chunk.toString("latin1");
    const end = begun.indexOf("\n");
    if (end < 0 && begun.length < longestLine) return;
    resolve(begun.slice(0, Math.max(end, 0)));
    rest(Buffer.from(begun.slice(end + 1), "latin1"));
    begun = null;
  };
  return { line: promise, push };
}

const longestLine = 1_024;

/** Throws command_not_found where the cage has nothing that makes a terminal. */
export function checkTerminal(path: string | null): string {
  if (path !== null && /^\/dev\/pts\/\d{1,9}$/.test(path)) return path;
  throw new PaddockError(
    "command_not_found",
    "No terminal could be made: it takes the program `script` of util-linux.",
    "Install it on the machine (Debian: bsdutils, Fedora: util-linux-script, Alpine: util-linux-misc), or use start_process.",
  );
}

/** Sets the size from inside, of which the kernel tells the programs in the foreground. */
export async function resizeTerminal(cage: DomainCage, path: string, size: TerminalSize): Promise<void> {
  const lane = await cage.takeLane();
  const end = holdOpen(lane);
  try {
    const code = await cage.start(lane, `exec stty -F ${path} ${sizeText(size)}`).ended;
    if (code !== 0) throw new PaddockError("process_ended", "The terminal is gone.");
  } finally {
    end();
    cage.lanes.drop(lane);
  }
}

function holdOpen(lane: Lane): () => void {
  const readers = [lane.out, lane.err].map((path) => new FifoReader(path, () => undefined));
  const stdin = openFifoWriter(lane.in);
  return () => {
    for (const reader of readers) reader.close();
    stdin.destroy();
  };
}
