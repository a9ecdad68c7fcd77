/**
 * `npm run soak`: ten minutes, or as many seconds as are given. Fails when a call was repeated, lost or told wrongly; the ten minutes
 * also when they were not full of calls, or when memory grew.
 */
import { runSoak } from "./soak.ts";

const fullSeconds = 600;
const leastCalls = 5_000;
/** What garbage collection leaves undone is not growth. */
const mayGrow = (megabytes: number): number => megabytes * 1.15 + 10;

const [given = String(fullSeconds), seed = "1"] = process.argv.slice(2);
const seconds = Number(given);
const report = await runSoak({ seconds, seed: Number(seed) });
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const faults = [...report.wrong];
if (seconds >= fullSeconds) {
  if (report.calls < leastCalls) faults.push(`${report.calls} calls are too few`);
  const grown = report.memory.filter(({ before, after }) => after > mayGrow(before));
  faults.push(...grown.map(({ who, before, after }) => `${who} grew from ${before} to ${after} MB`));
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
