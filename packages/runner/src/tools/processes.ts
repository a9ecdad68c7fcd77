/** The tools of background processes. */
import { isUtf8 } from "node:buffer";
import { resolve } from "node:path";
import type { ProcessId, RunId } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import { type BackgroundProcess, signalOf, type TerminalSize } from "../processes/background.ts";
import { type From, gather, hasMore, type Readable, readOutput } from "../processes/reading.ts";
import { startProcess } from "../processes/start.ts";
import { isReadOnlyCommand } from "../shell/read-only.ts";
import type { Shells } from "../shell/shells.ts";
import { workingDirectory } from "../shell/working-directory.ts";
import type { Call, Handlers, Outcome, Place } from "./handler.ts";
import { jsonText } from "./json-text.ts";

export interface ProcessToolParts {
  shells: Shells;
  checkpoints: Checkpoints;
  /** Time a process has to end by itself. */
  stopGraceMs: number;
}

type ProcessTool =
  | "start_process"
  | "process_status"
  | "process_output"
  | "write_process"
  | "signal_process"
  | "wait_process"
  | "stop_process"
  | "clear_processes";

export function processHandlers({ shells, checkpoints, stopGraceMs }: ProcessToolParts): Handlers<ProcessTool> {
  const { registry } = shells;
  return {
    start_process: {
      wants: ({ command, needs }) => ({ command, ...needs }),
      startsIn: ({ working_directory: wanted }, place) => placeOfStart(shells, wanted, place),
      run: async ({ command, working_directory: wanted }, call) => {
        if (!isReadOnlyCommand(command)) await checkpoints.beforeCommand(call, command.slice(0, 80));
        const process = await startIn(shells, call, { command, working_directory: wanted }, null);
        return { summary: `${process.record.id} runs ${process.record.command.slice(0, 80)}`, data: shown(process) };
      },
    },
    process_status: {
      run: async ({ id }, { domain }) => {
        const processes = (id === undefined ? registry.list(domain) : [registry.find(domain, id)]).map((process) => ({
          ...shown(process),
          terminal: process.record.terminal,
        }));
        const running = processes.filter(({ state }) => state === "running").length;
        return { summary: `${running} running, ${processes.length - running} ended`, data: { processes } };
      },
    },
    process_output: {
      run: async ({ id, cursor, tail_chars: tailChars, max_bytes: maxBytes }, { domain }) => {
        const of = isRun(id) ? shells.outputs.find(domain, id) : registry.find(domain, id);
        if (cursor !== undefined) await gather(of, cursor, maxBytes);
        return outputOf(id, of, cursor === undefined ? { tailChars } : { cursor }, maxBytes);
      },
    },
    write_process: {
      run: async ({ id, input, close_stdin: close }, { domain }) => {
        const bytes = registry.find(domain, id).write(input, close);
        return { summary: `${bytes} bytes sent${close ? ", input closed" : ""}`, data: { id, bytes } };
      },
    },
    signal_process: {
      run: async ({ id, signal }, { domain }) => {
        const process = registry.find(domain, id);
        process.signal(signal);
        return { summary: `${signal} sent to ${id}`, data: { id, sent: signal, ...endOf(process) } };
      },
    },
    wait_process: {
      run: async ({ id, until, cursor, timeout_seconds: seconds, max_bytes: maxBytes }, call) => {
        const process = registry.find(call.domain, id);
        const after = until === "output" ? (cursor ?? beginning) : null;
        const timed_out = await waitFor(process, after, seconds * 1000, call.signal);
        if (cursor !== undefined) await gather(process, cursor, maxBytes);
        const from = cursor === undefined ? { tailChars: waitedTailChars } : { cursor };
        const { data, ...outcome } = outputOf(id, process, from, maxBytes);
        return { ...outcome, data: { ...data, timed_out } };
      },
    },
    stop_process: {
      run: async ({ id, force }, { domain }) => {
        const process = registry.find(domain, id);
        const already_ended = !process.running;
        await process.stop(force ? 0 : stopGraceMs);
        const summary = already_ended ? `${id} had ended already` : `${id} and all it started have ended`;
        return { summary, data: { id, ...endOf(process), already_ended } };
      },
    },
    clear_processes: {
      run: async (_, { domain }) => {
        const cleared = registry.clear(domain);
        return { summary: `${cleared} forgotten`, data: { cleared } };
      },
    },
  };
}

/** Where a process of the call starts, as its handler tells the gate. */
export const placeOfStart = (shells: Shells, wanted: string | undefined, place: Place): string | undefined =>
  wanted === undefined ? shells.find(place.domain)?.shell.directory : resolve(place.workspace, wanted);

export async function startIn(
  shells: Shells,
  call: Call,
  { command, working_directory: wanted }: Pick<InputOf<"start_process">, "command" | "working_directory">,
  terminal: TerminalSize | null,
): Promise<BackgroundProcess> {
  const { domain } = call;
  const named = wanted === undefined ? undefined : await workingDirectory(wanted, call);
  const { shell } = shells.of(call);
  await shells.guardNewRepositories(domain);
  const { directory, script: state } = await shell.state();
  const cwd = named ?? directory;
  const cage = await shells.domains.of(call).cage();
  const { outputBytes } = shells;
  return startProcess(cage, shells.registry, { domain, command, cwd, state, outputBytes, terminal });
}

const beginning = "0.0";
/** What a wait without a cursor shows of each stream: its end. */
const waitedTailChars = 40_000;

/** Resolves with true when the time was up first. `cursor` null waits for the end only. */
async function waitFor(
  process: BackgroundProcess,
  cursor: string | null,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + ms;
  const isOver = () => !process.running || (cursor !== null && hasMore(process, cursor));
  while (!isOver()) {
    const left = deadline - performance.now();
    if (left <= 0) return true;
    await process.nextChange(Math.min(left, checkEveryMs), signal);
    signal.throwIfAborted();
    process.check();
  }
  return false;
}

const checkEveryMs = 5_000;

export function shown(process: BackgroundProcess): OutputOf<"start_process"> {
  const { id, identity, command, cwd, startedAt, endedAt } = process.record;
  const pid = identity?.pid ?? null;
  return { id, pid, command, cwd, started_at: startedAt, ended_at: endedAt, ...endOf(process) };
}

const isRun = (id: string): id is RunId => id.startsWith("run_");

function endOf({ record: { state, exitCode } }: Pick<Readable, "record">) {
  return { state, exit_code: exitCode, signal: signalOf(exitCode) };
}

/** From here on what was printed is passed on as bytes. */
const largeBytes = 16 * 1024;

function outputOf<I extends ProcessId | RunId>(id: I, readable: Readable, from: From, maxBytes: number) {
  const { stdout, stderr, ...rest } = readOutput(readable, from, maxBytes);
  const isLarge = stdout.length >= largeBytes;
  const shownNow = { stdout: isLarge ? "" : stdout.toString("utf8"), stderr: stderr.toString("utf8") };
  const data = { id, ...endOf(readable), ...shownNow, ...rest };
  const text = isLarge ? { text: { field: "stdout", json: jsonText(asUtf8(stdout)) } } : {};
  return { summary: summaryOf(id, readable), data, ...text } satisfies Outcome<unknown>;
}

/** Programs print what they like. */
const asUtf8 = (bytes: Buffer): Buffer => (isUtf8(bytes) ? bytes : Buffer.from(bytes.toString("utf8")));

function summaryOf(id: string, { record: { state, exitCode } }: Readable): string {
  return state === "exited" ? `${id} has ended with ${exitCode}` : `${id} is ${state}`;
}
