/** Moments as a person writes them: a date, a time, or how long ago. */
import { PaddockError } from "@paddock/contract/errors";
import { type CommandContext, textOption } from "../command.ts";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const ago = /^(\d{1,6})([smhd])$/;
const written = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** The moment of an option as RFC 3339 in UTC, which sorts as text; undefined when it was not given. */
export function momentOption(options: CommandContext["options"], name: string, now: number): string | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const [, count, unit] = ago.exec(text) ?? [];
  if (count !== undefined) return new Date(now - Number(count) * unitMs[unit as keyof typeof unitMs]).toISOString();
  const time = written.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new PaddockError(
    "invalid_input",
    `--${name} takes a moment, not ${JSON.stringify(text.slice(0, 64))}.`,
    "Write 2026-05-01, 2026-05-01T12:00:00Z, or how long ago: 90m, 24h, 7d.",
  );
}
