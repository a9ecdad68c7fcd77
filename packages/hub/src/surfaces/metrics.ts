/**
 * What the hub counts, in the text format that Prometheus reads. Every label comes from a list of the contract (tools, states,
 * codes), so that no caller can make more of them.
 */
import type { ErrorCode } from "@paddock/contract";
import type { Machines } from "../machines/machine.ts";
import { whenOneComes } from "../machines/online.ts";
import type { Ended } from "../runs/tracker.ts";

export interface Meter {
  ended(run: Ended): void;
  /** A call that never became a run. */
  refused(code: ErrorCode): void;
  /** `moment` is what else is known when it is asked for. */
  text(moment: readonly Metric[]): string;
}

export interface Metric {
  /** Without the prefix; counters end in `_total`. */
  name: string;
  help: string;
  type: "counter" | "gauge";
  /** One value, or one for each value of a label. */
  value: number | { label: string; values: Readonly<Record<string, number>> };
}

export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

const bucketSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/** Counts how often machines come, too. */
export function openMeter(machines: Pick<Machines, "onChange">): Meter {
  const ended = new Map<string, number>();
  const refused: Partial<Record<ErrorCode, number>> = {};
  const histogram = openHistogram();
  let links = 0;
  whenOneComes(machines, () => {
    links += 1;
  });
  return {
    ended({ tool, state, milliseconds }) {
      const labels = `{tool="${tool}",state="${state}"}`;
      ended.set(labels, (ended.get(labels) ?? 0) + 1);
      histogram.add(milliseconds / 1000);
    },
    refused(code) {
      refused[code] = (refused[code] ?? 0) + 1;
    },
    text(moment) {
      const counted: Metric[] = [
        {
          name: "calls_refused_total",
          help: "Calls that never became a run.",
          type: "counter",
          value: { label: "code", values: refused },
        },
        { name: "links_opened_total", help: "Times that a machine was linked.", type: "counter", value: links },
      ];
      const lines = [
        ...headOf("runs_total", "counter", "Runs that have ended."),
        ...[...ended].map(([labels, count]) => `paddock_runs_total${labels} ${count}`),
        ...headOf("run_seconds", "histogram", "Time from a call's arrival to the end of its run."),
        ...histogram.lines("paddock_run_seconds"),
        ...[...counted, ...moment].flatMap(linesOf),
      ];
      return `${lines.join("\n")}\n`;
    },
  };
}

const headOf = (name: string, type: string, help: string): string[] => [
  `# HELP paddock_${name} ${help}`,
  `# TYPE paddock_${name} ${type}`,
];

function linesOf({ name, help, type, value }: Metric): string[] {
  const head = headOf(name, type, help);
  if (typeof value === "number") return [...head, `paddock_${name} ${value}`];
  const { label, values } = value;
  return [...head, ...Object.entries(values).map(([key, count]) => `paddock_${name}{${label}="${key}"} ${count}`)];
}

function openHistogram() {
  const counts = new Array<number>(bucketSeconds.length).fill(0);
  let count = 0;
  let sum = 0;
  return {
    add(seconds: number): void {
      count += 1;
      sum += seconds;
      for (const [index, limit] of bucketSeconds.entries())
        if (seconds <= limit) counts[index] = (counts[index] ?? 0) + 1;
    },
    lines: (name: string): string[] => [
      ...bucketSeconds.map((limit, index) => `${name}_bucket{le="${limit}"} ${counts[index]}`),
      `${name}_bucket{le="+Inf"} ${count}`,
      `${name}_sum ${sum}`,
      `${name}_count ${count}`,
    ],
  };
}
