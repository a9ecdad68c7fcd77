/** Looks for what is wrong with this installation, a line for each thing, and says what to do about it. */
import type { CommandContext } from "../command.ts";
import { examine } from "../doctor/checks.ts";
import { withPages } from "../own-command.ts";
import { paint, printable, type Shown } from "../shown.ts";

const marks = { ok: paint("32", "ok  "), warn: paint("33", "warn"), fail: paint("31", "fail") } as const;

export async function run({ places, environment }: CommandContext): Promise<Shown> {
  const findings = await examine({ places, environment });
  const failed = findings.filter(({ state }) => state === "fail").length;
  const lines = findings.map(({ state, what, nextStep }) => {
    const step = nextStep === undefined ? "" : `\n      ${withPages(nextStep, process.cwd())}`;
    return `${marks[state]}  ${printable(what)}${step}`;
  });
  const verdict =
    failed === 0 ? "Nothing is broken." : `${failed} of ${findings.length} ${failed === 1 ? "is" : "are"} broken.`;
  return {
    json: { ok: failed === 0, findings },
    text: [...lines, "", verdict].join("\n"),
    exitCode: failed === 0 ? 0 : 1,
  };
}
