/** What the hub counts, in the text format that Prometheus reads. Names of tools come from the contract, so they are few. */
import type { Ended } from "../runs/tracker.ts";

export interface Meter {
  ended(run: Ended): void;
  /** `gauges` are values of this moment by name. */
  text(gauges: Readonly<Record<string, number>>): string;
}

const bucketSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

export function openMeter(): Meter {
  const counts = new Map<string, number>();
  const buckets = new Array<number>(bucketSeconds.length).fill(0);
  let runs = 0;
  let seconds = 0;
  return {
    ended({ tool, state, milliseconds }) {
      const labels = `tool="${tool}",state="${state}"`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
      runs += 1;
      seconds += milliseconds / 1000;
      bucketSeconds.forEach((limit, index) => {
        if (milliseconds / 1000 <= limit) buckets[index] = (buckets[index] ?? 0) + 1;
      });
    },
    text(gauges) {
      const lines = [
        "# HELP paddock_runs_total Runs that have ended.",
        "# TYPE paddock_runs_total counter",
        ...[...counts].map(([labels, count]) => `paddock_runs_total{${labels}} ${count}`),
        "# HELP paddock_run_seconds Time from a call's arrival to the end of its run.",
        "# TYPE paddock_run_seconds histogram",
        ...bucketSeconds.map((limit, index) => `paddock_run_seconds_bucket{le="${limit}"} ${buckets[index]}`),
        `paddock_run_seconds_bucket{le="+Inf"} ${runs}`,
        `paddock_run_seconds_sum ${seconds}`,
        `paddock_run_seconds_count ${runs}`,
        ...Object.entries(gauges).flatMap(([name, value]) => [
          `# TYPE paddock_${name} gauge`,
          `paddock_${name} ${value}`,
        ]),
      ];
      return `${lines.join("\n")}\n`;
    },
  };
}
