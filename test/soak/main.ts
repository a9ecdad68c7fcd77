/** `npm run soak`: ten minutes, or as many seconds as are given. Fails when a call was repeated, lost or told wrongly. */
import { runSoak } from "./soak.ts";

const [seconds = "600", seed = "1"] = process.argv.slice(2);
const report = await runSoak({ seconds: Number(seconds), seed: Number(seed) });
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
if (report.wrong.length > 0) process.exitCode = 1;
