/** Runs one command where it belongs: in the shell of its domain, or by itself when it was allowed more than that gives. */
import { PaddockError, type ProcessId } from "@paddock/contract";
import type { InputOf } from "@paddock/contract/tools";
import type { BackgroundProcess, Printed, Reach } from "../processes/background.ts";
import type { CageSpec } from "../sandbox/cage.ts";
import { removePlanted } from "../sandbox/git-guard.ts";
import type { Call, Place } from "../tools/handler.ts";
import { holdScripts } from "./approved-scripts.ts";
import { runFresh } from "./fresh.ts";
import type { RunOutput } from "./run-outputs.ts";
import type { Shells } from "./shells.ts";
import { workingDirectory } from "./working-directory.ts";

export interface RunParts {
  shells: Shells;
  timeoutSeconds: number;
  output: Pick<RunOutput, "prints">;
}

export interface Ran {
  printed: Printed;
  exitCode: number | null;
  timedOut: boolean;
  /** The shell's directory afterwards. */
  directory: string;
  restarted: boolean;
  /** Why Paddock stopped the cage of the commands before; null when it did not. */
  stopped: string | null;
  /** The background process that the command has become. */
  processId: ProcessId | null;
}

type Input = InputOf<"run_command">;

/** `alone` keeps it out of the shell in any case. */
export async function runCommand(input: Input, call: Call, parts: RunParts & { alone?: boolean }): Promise<Ran> {
  const { noCage, beyond } = call.granted;
  const byItself = parts.alone || noCage || beyond !== undefined;
  parts.shells.crowds.watch(call.domain);
  try {
    return await (byItself ? runByItself(input, call, parts) : runInShell(input, call, parts));
  } finally {
    parts.shells.crowds.watch(call.domain);
    for (const { path, write } of call.roots.list) if (write) removePlanted(path);
  }
}

async function runInShell(
  input: Input,
  call: Call,
  { shells, timeoutSeconds, output: { prints } }: RunParts,
): Promise<Ran> {
  const {
    command,
    working_directory: wanted,
    timeout_seconds: seconds = timeoutSeconds,
    on_timeout: onTimeout,
  } = input;
  const { shell } = shells.of(call);
  await shells.guardNewRepositories(call.domain);
  shells.remember(call.domain, command);
  const directory = wanted === undefined ? undefined : await workingDirectory(wanted, call);
  const { signal } = call;
  const timer = shells.pauses.timerFor(call.domain);
  const ran = await shell.run({
    text: command,
    directory,
    timeoutMs: seconds * 1000,
    onTimeout,
    timer,
    signal,
    prints,
  });
  const { output, promoted, ...rest } = ran;
  if (!promoted) return { ...rest, printed: output, processId: null };
  const process = adopt(shells, call, input, {
    cwd: directory ?? rest.directory,
    printed: output,
    reach: { ...promoted, stdin: null, resize: null },
  });
  output.onOutput = () => process.changed();
  return { ...rest, printed: output, processId: process.record.id };
}

async function runByItself(
  input: Input,
  call: Call,
  { shells, timeoutSeconds, output: { prints } }: RunParts,
): Promise<Ran> {
  const { command, timeout_seconds: seconds = timeoutSeconds, on_timeout: onTimeout } = input;
  const cwd = await grantedDirectory(input, call, shells);
  const held = await holdScripts(call.approved ?? [], call.roots.list, shells.scriptFolder);
  const spec: Omit<CageSpec, "argv"> = {
    cwd,
    profile: call.profile,
    domain: call.domain,
    roots: call.roots.list,
    mounts: [
      ...(call.granted.beyond ?? []).map(({ path, access }) => ({ path, write: access === "write", exact: true })),
      ...held.mounts,
    ],
    noCage: call.granted.noCage ?? false,
    doorway: call.granted.noCage ? null : shells.doorFor(call, call.granted.network ? "open" : undefined),
  };
  const { outputBytes } = shells;
  const { signal } = call;
  let process: BackgroundProcess | null = null;
  const timeoutMs = seconds * 1000;
  const timer = shells.pauses.timerFor(call.domain);
  const fresh = { text: command, spec, timeoutMs, onTimeout, timer, outputBytes, signal, prints };
  const ran = await runFresh(shells.fresh, fresh, () => process?.changed(), held.release);
  const { promoted, ...rest } = ran;
  if (promoted) {
    const reach = { ...promoted, check: () => undefined, stdin: null, resize: null };
    process = adopt(shells, call, input, { cwd, printed: ran.printed, reach });
  }
  return { ...rest, directory: cwd, restarted: false, stopped: null, processId: process?.record.id ?? null };
}

interface Going {
  cwd: string;
  printed: Printed;
  reach: Reach;
}

function adopt(
  { registry }: Shells,
  { domain }: Call,
  { command }: Input,
  { cwd, printed, reach }: Going,
): BackgroundProcess {
  return registry.add({ domain, command, cwd, identity: reach.members()[0] ?? null, terminal: null, printed, reach });
}

/**
 * Where a command that wants more than its cage starts, links resolved: what is named, else the shell's own directory where
 * that lies beneath a root, else the workspace.
 */
export async function directoryOf(
  { working_directory: wanted }: Pick<Input, "working_directory">,
  { roots, workspace, domain }: Place,
  shells: Shells,
): Promise<string> {
  const real = async (path: string) => (await roots.real(roots.locate(path, workspace))).absolute;
  if (wanted !== undefined) return real(await workingDirectory(wanted, { roots, workspace }));
  try {
    return await real(shells.find(domain)?.shell.directory ?? workspace);
  } catch (error) {
    if (error instanceof PaddockError) return workspace;
    throw error;
  }
}

/** The directory that the owner was asked about, as long as the call still leads there. */
async function grantedDirectory(input: Input, call: Call, shells: Shells): Promise<string> {
  const { directory } = call.granted;
  const now = await directoryOf(directory === undefined ? input : { working_directory: directory }, call, shells);
  if (directory === undefined || now === directory) return now;
  throw new PaddockError(
    "changed_meanwhile",
    `${directory} leads elsewhere by now.`,
    "Call again, so that it is asked anew.",
  );
}
