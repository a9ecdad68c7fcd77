/**
 * Named pipes between this process and what runs in a cage, in a folder that the cage sees read-only. A lane is three of
 * them: in, out and err. They are real pipes, so that a program may open /dev/stdout, and each says when nobody holds it.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { spawnProgram } from "./spawn.ts";

export interface Lane {
  readonly number: number;
  readonly in: string;
  readonly out: string;
  readonly err: string;
}

/** Lanes made at once: making them takes the start of a program. */
const batch = 4;

export class Lanes {
  readonly folder: string;
  readonly #free: Lane[] = [];
  #count = 0;
  #making: Promise<void> | null = null;

  /** Makes the folder, for this user only. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.folder = folder;
  }

  takeNow(): Lane | null {
    return this.#free.pop() ?? null;
  }

  async take(): Promise<Lane> {
    for (;;) {
      const lane = this.#free.pop();
      if (lane) return lane;
      this.#making ??= this.#make().finally(() => {
        this.#making = null;
      });
      await this.#making;
    }
  }

  /** Gives back a lane whose pipes nobody holds. */
  give(lane: Lane): void {
    this.#free.push(lane);
  }

  /** Removes a lane whose pipes somebody may hold for ever. */
  drop(lane: Lane): void {
    for (const path of [lane.in, lane.out, lane.err]) rmSync(path, { force: true });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #make(): Promise<void> {
    const lanes = Array.from({ length: batch }, () => this.#next());
    await makeFifos(lanes.flatMap((lane) => [lane.in, lane.out, lane.err]));
    this.#free.push(...lanes);
  }

  #next(): Lane {
    this.#count += 1;
    const path = (name: string) => join(this.folder, `${this.#count}.${name}`);
    return { number: this.#count, in: path("in"), out: path("out"), err: path("err") };
  }
}

/** Node cannot make named pipes. */
function makeFifos(paths: readonly string[]): Promise<void> {
  const child = spawnProgram({
    argv: ["mkfifo", "-m", "600", ...paths],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`mkfifo failed: ${said}`))));
  });
}
