/** Shell and process tools over real cages, for tests. */
import assert from "node:assert/strict";
import type { OutputOf } from "@paddock/contract/tools";
import { tools } from "@paddock/contract/tools";
import { Pauses } from "../egress/pauses.ts";
import type { OpenCages } from "../sandbox/open-cages.ts";
import { Shells, type ShellsOptions } from "../shell/shells.ts";
import { answerJson } from "./answer-json.ts";
import type { Call, Outcome } from "./handler.ts";
import { makePlace, type TestPlace } from "./place.fixture.ts";
import { processHandlers } from "./processes.ts";
import { sessionHandlers } from "./sessions.ts";
import { shellHandlers } from "./shell.ts";

type HandledTool =
  | keyof ReturnType<typeof shellHandlers>
  | keyof ReturnType<typeof processHandlers>
  | keyof ReturnType<typeof sessionHandlers>;
/** As it comes from a caller. */
type Given = Readonly<Record<string, unknown>>;

export interface TestShells extends AsyncDisposable {
  place: TestPlace;
  shells: Shells;
  /** Calls a tool as the gate does: input parsed, the answer held against its schema. */
  ask<N extends HandledTool>(tool: N, input: Given, changes?: Partial<Call>): Promise<OutputOf<N>>;
  /** run_command, its answer without what most tests do not look at. */
  run(command: string, input?: Given, changes?: Partial<Call>): Promise<Said>;
}

export interface Said {
  stdout: string;
  stderr: string;
  exit_code: number | null;
}

/** Over the place's own cages unless others are given. */
export async function makeShells(
  options: Partial<Omit<ShellsOptions, "cages">> & { cages?: OpenCages } = {},
): Promise<TestShells> {
  const place = makePlace();
  const cages = options.cages ?? (await place.cages());
  const limits = { outputBytes: 4 * 1024 * 1024, maxProcesses: 4, patienceMs: 5_000, idleMs: 600_000, maxPids: 256 };
  const log = { error: (_: object, message: string) => assert.fail(message) };
  const standard = { ...limits, gitSettings: async () => "", doorFor: () => null, pauses: new Pauses(), log };
  const shells = new Shells({ folder: place.state, ...standard, ...options, cages });
  const { checkpoints } = place;
  const handlers = {
    ...shellHandlers({ shells, cages, checkpoints, timeoutSeconds: 20, answerBytes: 100_000 }),
    ...processHandlers({ shells, checkpoints, stopGraceMs: 5_000 }),
    ...sessionHandlers({ shells, checkpoints }),
  };
  const ask = async <N extends HandledTool>(
    tool: N,
    input: Given,
    changes: Partial<Call> = {},
  ): Promise<OutputOf<N>> => {
    const handler = handlers[tool] as unknown as { run(input: unknown, call: Call): Promise<Outcome<OutputOf<N>>> };
    const outcome = await handler.run(tools[tool].input.parse(input), place.call({ tool, ...changes }));
    const { data } = JSON.parse(answerJson(tools[tool], outcome).toString());
    tools[tool].output.parse(data);
    return data;
  };
  return {
    place,
    shells,
    ask,
    async run(command, input, changes) {
      const { stdout, stderr, exit_code } = await ask("run_command", { command, ...input }, changes);
      return { stdout, stderr, exit_code };
    },
    async [Symbol.asyncDispose]() {
      await shells.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

export const said = (stdout: string, exit_code: number | null = 0, stderr = ""): Said => ({
  stdout,
  stderr,
  exit_code,
});
