/** A tool's answer as the command line shows it, and the exit code that goes with it. */
import { type Envelope, type ErrorCode, errors, type Tool } from "@paddock/contract";
import { bold, exitCodeOf, printable, type Shown } from "../shown.ts";

/** A command that ran is a success here whatever it ended with, as everywhere; its exit code is a field. */
export function shownAnswer(tool: Tool, answer: Envelope): Shown {
  if (!tool.envelope) return { json: answer, text: JSON.stringify(answer, null, 2) };
  if (!answer.ok) {
    const { code, message, next_step } = answer.data;
    return {
      json: answer,
      text: `${bold(code)}: ${printable(message)}\n  ${printable(next_step)}`,
      exitCode: code in errors ? exitCodeOf(code as ErrorCode) : 1,
    };
  }
  const pending = pendingRun(answer.data);
  if (pending) return { json: answer, text: pendingWords(answer.summary, pending), exitCode: exitCodeOf("timeout") };
  return { json: answer, text: fieldsIn(answer.summary, answer.data) };
}

interface PendingRun {
  state: string;
  run: string;
}

/** Not finished when the hub's budget was over; it goes on. */
function pendingRun(data: unknown): PendingRun | null {
  const { state, run_id: run } = (data ?? {}) as { state?: unknown; run_id?: unknown };
  const waits = state === "running" || state === "waiting_approval";
  return waits && typeof run === "string" ? { state, run } : null;
}

const pendingWords = (summary: string, { state, run }: PendingRun): string =>
  [
    printable(summary),
    ...(state === "waiting_approval" ? ["  answer it:   paddock approve"] : []),
    `  its answer:  paddock call get_run --id ${printable(run)} --wait-seconds 40`,
    `  stop it:     paddock run cancel ${printable(run)}`,
  ].join("\n");

/** The summary, then the fields: texts of several lines as they are, the rest on a line each. */
function fieldsIn(summary: string, data: unknown): string {
  const fields = Object.entries((data ?? {}) as Record<string, unknown>).map(([key, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return text.includes("\n") ? `${bold(key)}:\n${printable(text).trimEnd()}` : `${bold(key)}: ${printable(text)}`;
  });
  return [printable(summary), ...fields].join("\n");
}
