/** The runner's log: one JSON object a line on standard error. */
import type { Config } from "@paddock/contract";
import { destination, type Logger, pino } from "pino";

export const openLog = (level: Config["log_level"]): Logger =>
  pino({ level, name: "runner" }, destination({ dest: 2, sync: true }));
