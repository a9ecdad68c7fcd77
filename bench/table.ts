/** The one table that the bench prints. */
import { holds, type Measured, ratioOf } from "./figure.ts";

const heads = ["figure", "ours", "base", "ratio", "allowed", ""];

export function table(all: readonly Measured[]): string {
  const rows = [heads, ...all.map(cells)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const pad = (cell: string, width: number, column: number): string =>
  column === 1 || column === 3 || column === 4 ? cell.padStart(width) : cell.padEnd(width);

function cells(measured: Measured): string[] {
  const { name, unit, ours, base, limit, note } = measured;
  const bound = "most" in limit ? limit.most : limit.least;
  const sign = "most" in limit ? "<=" : ">=";
  const shownBase = base === null ? "" : `${amount(base.value)} ${unit} ${base.what}`;
  return [
    note === undefined ? name : `${name} (${note})`,
    `${amount(ours)} ${unit}`,
    shownBase,
    base === null ? "" : ratioOf(measured).toFixed(2),
    base === null ? `${sign} ${bound} ${unit}` : `${sign} ${bound}`,
    holds(measured) ? "ok" : "over",
  ];
}

const amount = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
