/** What is read from a line is compared with what the kernel starts for it. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { generateLines, programs } from "./generated-lines.fixture.ts";
import { type Execution, observe } from "./observe.fixture.ts";
import { readScript } from "./read-script.ts";
import { tricks } from "./tricks.fixture.ts";

/** Another seed finds other lines: PADDOCK_SEED=7 node --test FILE */
const seed = Number(process.env.PADDOCK_SEED ?? 20);
const generatedLines = 3_000;
const linesAtOnce = 250;
const cagesAtOnce = 2;

test("every program that a line starts is named, or the line is told to be unclear", {
  ...needs("bwrap", "strace"),
  timeout: 600_000,
}, async (t) => {
  const fixedLines = tricks.map((trick) => trick.replaceAll("P", "pa"));
  const lines = [...fixedLines, ...generateLines(seed, generatedLines)];
  const started = await observeAll(lines);
  const missed = lines.flatMap((line, index) =>
    unnamed(line, started[index] ?? []).map(({ path, words }) => `${JSON.stringify(line)} started ${path} ${words}`),
  );
  const understood = lines.filter((line, index) => started[index]?.length && readScript(line).unresolved.length === 0);
  const counts = `${lines.length} lines started ${started.flat().length} programs`;
  t.diagnostic(`seed ${seed}: ${counts}; ${understood.length} of them were understood whole`);
  assert.deepEqual(missed, []);
  assert.ok(started.flat().length > lines.length, "most lines start something");
  assert.ok(understood.length > lines.length / 5, "many lines are understood whole");
});

async function observeAll(lines: readonly string[]): Promise<Execution[][]> {
  const batches = Array.from({ length: Math.ceil(lines.length / linesAtOnce) }, (_, at) => at * linesAtOnce);
  const started: Execution[][] = [];
  const work = async () => {
    for (let from = batches.shift(); from !== undefined; from = batches.shift()) {
      const found = await observe(lines.slice(from, from + linesAtOnce), programs);
      for (const [index, executions] of found.entries()) started[from + index] = executions;
    }
  };
  await Promise.all(Array.from({ length: cagesAtOnce }, work));
  return started;
}

/** The programs that were started although nothing told so. */
function unnamed(line: string, started: readonly Execution[]): Execution[] {
  const { invocations, unresolved } = readScript(line);
  if (unresolved.length > 0) return [];
  const names = new Set(invocations.map(({ program }) => basename(program ?? "")));
  return started.filter(({ path }) => !names.has(basename(path)));
}
