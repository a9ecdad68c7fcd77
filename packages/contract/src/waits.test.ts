import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema } from "./config.ts";
import { longestRunSeconds, runSeconds } from "./waits.ts";

/** The least and the most that each setting takes. */
const bounds = {
  answer_budget_seconds: [1, 300],
  command_timeout_seconds: [1, 3_600],
  approval_timeout_seconds: [5, 86_400],
} as const;

type Times = Record<keyof typeof bounds, number>;

function everyCombination(): Times[] {
  return Object.entries(bounds).reduce<Partial<Times>[]>(
    (all, [key, values]) => all.flatMap((times) => values.map((value) => ({ ...times, [key]: value }))),
    [{}],
  ) as Times[];
}

test("whatever the settings and the caller say, a run outlasts its question, and what the owner then allowed has its time", () => {
  for (const times of everyCombination()) {
    for (const wanted of [null, 0.001, 1, 3_600, 1e9]) {
      const left = runSeconds(wanted, times) - times.approval_timeout_seconds;
      const command = Math.min(wanted ?? times.command_timeout_seconds, 3_600);
      const said = JSON.stringify({ wanted, ...times });
      assert.ok(left > command && left > times.answer_budget_seconds, said);
      assert.ok(longestRunSeconds(times) >= runSeconds(wanted, times), said);
    }
  }
});

test("the bounds that this is held for are those of the settings", () => {
  for (const [key, [least, most]] of Object.entries(bounds)) {
    const takes = (value: number) => configSchema.shape[key as keyof typeof bounds].safeParse(value).success;
    assert.deepEqual([takes(least), takes(most), takes(least - 1), takes(most + 1)], [true, true, false, false], key);
  }
});

test("the defaults are at least what was asked for", () => {
  const defaults = configSchema.parse({});
  const least = {
    command_timeout_seconds: 30,
    answer_budget_seconds: 35,
    approval_timeout_seconds: 45,
    bridge_start_seconds: 2,
    stop_grace_seconds: 5,
    command_output_bytes: 64 * 1024,
    process_output_bytes: 2 * 32 * 1024,
    max_runs_per_caller: 2,
    max_processes: 4,
  } as const;
  const short = Object.entries(least).filter(([key, value]) => defaults[key as keyof typeof least] < value);
  assert.deepEqual(short, []);
});
