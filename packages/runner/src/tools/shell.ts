/** The tools of the persistent shell, and the one for a program without a shell. */
import { resolve } from "node:path";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import type { Printed } from "../processes/background.ts";
import { headAndTail } from "../processes/text.ts";
import type { OpenCages } from "../sandbox/open-cages.ts";
import { needsOf } from "../shell/needs.ts";
import { programText, wordsText } from "../shell/program-text.ts";
import { isReadOnlyCommand } from "../shell/read-only.ts";
import { directoryOf, type Ran, runCommand } from "../shell/run-command.ts";
import type { Shells } from "../shell/shells.ts";
import { workingDirectory } from "../shell/working-directory.ts";
import type { Call, Handlers } from "./handler.ts";

export interface ShellToolParts {
  shells: Shells;
  cages: OpenCages;
  checkpoints: Checkpoints;
  /** Time a command has when the caller names none. */
  timeoutSeconds: number;
  /** Of both streams together, in one answer. */
  answerBytes: number;
}

export function shellHandlers(
  parts: ShellToolParts,
): Handlers<"run_command" | "exec" | "shell_status" | "shell_reset"> {
  const { shells } = parts;
  return {
    run_command: {
      wants: async ({ command, needs, working_directory }, place) => ({
        command,
        ...needsOf(needs, place, parts.cages),
        ...(needs ? { directory: await directoryOf({ working_directory }, place, shells) } : {}),
      }),
      startsIn: ({ working_directory: wanted }, place) =>
        wanted === undefined ? shells.find(place.domain)?.shell.directory : resolve(place.workspace, wanted),
      run: (input, call) => run(input, call, parts),
    },
    exec: {
      wants: async ({ program, arguments: args, needs, working_directory = "." }, place) => ({
        command: programText(program, args),
        ...needsOf(needs, place, parts.cages),
        ...(needs ? { directory: await directoryOf({ working_directory }, place, shells) } : {}),
      }),
      startsIn: ({ working_directory: wanted = "." }, place) => resolve(place.workspace, wanted),
      run: (input, call) => exec(input, call, parts),
    },
    shell_status: {
      run: async (_, call) => {
        const { shell, recent } = shells.find(call.domain) ?? { shell: null, recent: [] };
        const active = shell?.active ?? false;
        const cwd = shell?.directory ?? call.workspace;
        const started_at = active && shell ? shell.startedAt.toISOString() : null;
        const data = { active, busy: shell?.busy ?? false, cwd, started_at, recent_commands: [...recent] };
        return { summary: `${active ? "active" : "not started"}, in ${cwd}`, data };
      },
    },
    shell_reset: {
      run: async ({ path }, call) => {
        const cwd = path === undefined ? call.workspace : await workingDirectory(path, call);
        await shells.of(call).shell.reset(cwd);
        return { summary: `fresh shell in ${cwd}`, data: { cwd } };
      },
    },
  };
}

async function run(input: InputOf<"run_command">, call: Call, parts: ShellToolParts) {
  const { ran, ...answer } = await carriedOut(input, call, parts, isReadOnlyCommand(input.command));
  const data: OutputOf<"run_command"> = { ...answer, shell_restarted: ran.restarted };
  return { summary: ran.stopped === null ? summaryOf(ran) : `${summaryOf(ran)}. Before: ${ran.stopped}`, data };
}

async function exec(input: InputOf<"exec">, call: Call, parts: ShellToolParts) {
  const { program, arguments: args, working_directory = ".", ...rest } = input;
  const command = { ...rest, command: programText(program, args), working_directory, on_timeout: "kill" as const };
  const started_at = new Date().toISOString();
  const leaves = isReadOnlyCommand(wordsText(program, args));
  const { ran, ...answer } = await carriedOut(command, call, { ...parts, alone: true }, leaves);
  const data: OutputOf<"exec"> = { ...answer, started_at, ended_at: new Date().toISOString() };
  return { summary: summaryOf(ran), data };
}

type Alone = ShellToolParts & { alone?: boolean };

/** `leaves` says that it leaves all files as they are. */
async function carriedOut(input: InputOf<"run_command">, call: Call, parts: Alone, leaves: boolean) {
  const { checkpoints } = parts;
  const keeps = !leaves && call.profile !== "readonly";
  const kept = keeps ? await checkpoints.beforeCommand(call, titleOf(input.command)) : null;
  using output = parts.shells.outputs.begin(call.run, call.domain);
  const ran = await runCommand(input, call, { ...parts, output });
  const { stdout, stderr, truncated } = answerOf(ran.printed, parts.answerBytes);
  const processId = ran.processId ?? (truncated || output.wasRead ? keep(input, call, ran, parts.shells) : null);
  if (processId !== null && output.wasRead) output.stays(processId);
  return {
    ran,
    cwd: ran.directory,
    stdout,
    stderr,
    exit_code: ran.exitCode,
    timed_out: ran.timedOut,
    truncated,
    process_id: processId,
    checkpoint_id: kept?.id ?? null,
    checkpoint: kept?.checkpoint ?? ("not_needed" as const),
  };
}

const titleOf = (command: string): string => (command.split("\n")[0] ?? "").slice(0, 80);

function summaryOf({ exitCode, timedOut, processId, directory }: Ran): string {
  if (processId !== null) return `still running in the background as ${processId}`;
  if (timedOut) return `timed out and was ended, in ${directory}`;
  return exitCode === null ? `ended without an exit code, in ${directory}` : `exit ${exitCode} in ${directory}`;
}

/** A stream that needs less than its half leaves the rest to the other. */
function answerOf(
  { stdout, stderr }: Printed,
  answerBytes: number,
): { stdout: string; stderr: string; truncated: boolean } {
  const half = answerBytes / 2;
  const forError = Math.min(stderr.total, Math.max(half, answerBytes - stdout.total));
  const out = headAndTail(stdout, Math.max(half, answerBytes - forError));
  const err = headAndTail(stderr, forError);
  return { stdout: out.text, stderr: err.text, truncated: out.truncated || err.truncated };
}

function keep({ command }: InputOf<"run_command">, { domain }: Call, ran: Ran, { registry }: Shells) {
  const { directory: cwd, exitCode, printed } = ran;
  return registry.keep({ domain, command, cwd, exitCode, printed });
}
