/** `paddock up`, or a program in its place, as a process whose words and end a test looks at. */
import { type ChildProcess, spawn } from "node:child_process";
import { paddockCommand, type World } from "./world.ts";

export interface Up extends AsyncDisposable {
  readonly child: ChildProcess;
  said(): string;
  complained(): string;
  readonly ended: Promise<number | null>;
}

export const up = ({ environment, workspace }: World, ...args: string[]): Up =>
  startProgram([process.execPath, paddockCommand, "up", ...args], { cwd: workspace, environment });

export function startProgram(
  [program = "", ...args]: readonly string[],
  { cwd, environment }: { cwd: string; environment: NodeJS.ProcessEnv },
): Up {
  const child = spawn(program, args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let [words, complaints] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    words += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    child,
    ended,
    said: () => words,
    complained: () => complaints,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
