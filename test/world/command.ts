/** The command line as a shell runs it: what it says on both streams, and the code it ends with. */
import { spawn } from "node:child_process";
import { paddockCommand, type World } from "./world.ts";

export interface Said {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Shell {
  input?: string;
  environment?: Readonly<Record<string, string>>;
}

export type RunCommand = (args: readonly string[], shell?: Shell) => Promise<Said>;

export const commandOf =
  ({ environment, workspace }: Pick<World, "environment" | "workspace">): RunCommand =>
  (args, { input = "", environment: more = {} } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [paddockCommand, ...args], {
        cwd: workspace,
        env: { ...environment, ...more },
      });
      const said = { stdout: "", stderr: "" };
      for (const stream of ["stdout", "stderr"] as const) {
        child[stream].setEncoding("utf8").on("data", (text: string) => {
          said[stream] += text;
        });
      }
      child.on("error", reject);
      child.on("close", (exitCode) => resolve({ exitCode, ...said }));
      child.stdin.end(input);
    });

/** The JSON that a command says with `--json`. */
export async function jsonOf<T>(run: RunCommand, ...args: string[]): Promise<T> {
  return JSON.parse((await run([...args, "--json"])).stdout) as T;
}
