/** Tries the rules in force on a file of cases; nothing is run. */
import { resolve } from "node:path";
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { type Case, readCases } from "../policy/cases.ts";
import { paint, printable, type Shown } from "../shown.ts";

interface Outcome extends Case {
  verdict: string;
  decidedBy: string | null;
  ok: boolean;
}

export async function run({ places, args: [named = ""] }: CommandContext): Promise<Shown> {
  const outcomes: Outcome[] = [];
  for (const one of readCases(resolve(named))) outcomes.push(await tried(places.runnerControl, one));
  const failed = outcomes.filter(({ ok }) => !ok);
  const lines = [
    ...failed.map(failureWords),
    failed.length === 0 ? `All ${outcomes.length} cases hold.` : `${failed.length} of ${outcomes.length} cases fail.`,
  ];
  return {
    json: { ok: failed.length === 0, cases: outcomes },
    text: lines.join("\n"),
    exitCode: failed.length === 0 ? 0 : 1,
  };
}

async function tried(socket: string, one: Case): Promise<Outcome> {
  const { command, tool = "run_command", input } = one;
  const body = { tool, input: command === undefined ? input : { command } };
  const { verdict, rules } = await control<{ verdict: string; rules: { id: string }[] }>({
    ...{ socket, method: "POST", path: "/policy/explain", body },
  });
  const decidedBy = rules[0]?.id ?? null;
  return {
    ...one,
    verdict,
    decidedBy,
    ok: verdict === one.expect && (one.rule === undefined || one.rule === decidedBy),
  };
}

function failureWords({ command, tool, input, expect, rule, verdict, decidedBy }: Outcome): string {
  const what = command ?? `${tool} ${JSON.stringify(input)}`;
  const expected = rule === undefined ? expect : `${expect} by ${rule}`;
  return `${paint("31", "fail")}  ${printable(what)}: expected ${expected}, came to ${verdict} by ${decidedBy ?? "no rule"}`;
}
