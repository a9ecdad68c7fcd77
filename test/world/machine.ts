/** A hub alone, and machines that join it, as their owners start them: each with a state folder and workspace of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { paddockCommand } from "./world.ts";

export interface Part extends AsyncDisposable {
  readonly home: string;
  readonly workspace: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The process that it is now. */
  readonly child: ChildProcess;
  /** What it has said on both streams. */
  said(): string;
  /** Runs the command line of this installation; its standard output. Rejects when it fails. */
  paddock(...args: string[]): Promise<string>;
  /** Ends it with that signal, and starts it again; in between somebody may do something to what it left. */
  restart(signal: NodeJS.Signals, meanwhile?: () => void | Promise<void>): Promise<void>;
}

export interface Hub extends Part {
  readonly address: string;
  /** A code with which one machine can join. */
  invite(...options: string[]): Promise<string>;
}

const startWithinMs = 30_000;

/** A hub without a machine of its own. */
export async function startHub(settings: Readonly<Record<string, string>> = {}): Promise<Hub> {
  const part = await startPart(["hub"], { PADDOCK_PORT: "0", ...settings }, "listens on");
  const address = /http:\/\/\S+?(?=\.\n)/.exec(part.said())?.[0] ?? "";
  return Object.assign(part, {
    address,
    invite: async (...options: string[]) =>
      JSON.parse(await part.paddock("machine", "invite", ...options, "--json")).code,
  });
}

/** A machine that joins with that code, and runs. */
export const startMachine = (
  address: string,
  code: string,
  settings: Readonly<Record<string, string>> = {},
  ...options: readonly string[]
): Promise<Part> => startPart(["join", address, code, ...options], settings, "works in", { again: ["runner"] });

/** A runner that has the file by which another machine is known. */
export function startCopy(hubFile: string): Promise<Part> {
  const prepare = (home: string): void => {
    mkdirSync(join(home, "runner"), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, "runner", "hub.json"), hubFile, { mode: 0o600 });
  };
  return startPart(["runner"], {}, "works in", { prepare });
}

interface StartOptions {
  /** Done in its state folder before it starts. */
  prepare?: (home: string) => void;
  /** The command with which it starts the next times, where that is another one. */
  again?: readonly string[];
}

async function startPart(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  ready: string,
  { prepare = () => {}, again = args }: StartOptions = {},
): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), "pm-"));
  const [home, workspace, ownerHome] = [join(folder, "state"), join(folder, "work"), join(folder, "owner")];
  for (const place of [workspace, ownerHome]) mkdirSync(place);
  const places = { HOME: ownerHome, PADDOCK_HOME: home, PADDOCK_WORKSPACE: workspace };
  const environment = { PATH: process.env.PATH, LANG: "C.UTF-8", ...places, ...settings };
  prepare(home);
  let words = "";
  const start = (command: readonly string[]): ChildProcess => {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const started = spawn(process.execPath, [paddockCommand, ...command], { env: environment, stdio: [...stdio] });
    for (const stream of [started.stdout, started.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        words += text;
      });
    return started;
  };
  let child = start(args);
  const part: Part = {
    home,
    workspace,
    environment,
    get child() {
      return child;
    },
    said: () => words,
    async paddock(...more) {
      const run = promisify(execFile)(process.execPath, [paddockCommand, ...more], { env: environment });
      return (await run).stdout;
    },
    async restart(signal, meanwhile = () => {}) {
      await ended(child, signal);
      await meanwhile();
      words = "";
      child = start(again);
      await saying(child, () => words, ready);
    },
    async [Symbol.asyncDispose]() {
      await ended(child, "SIGTERM");
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await saying(child, () => words, ready);
    return part;
  } catch (error) {
    await part[Symbol.asyncDispose]();
    throw error;
  }
}

async function saying(child: ChildProcess, said: () => string, ready: string): Promise<void> {
  const end = Date.now() + startWithinMs;
  while (!said().includes(ready)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`it did not start: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on("exit", () => resolve());
    child.kill(signal);
  });
}
