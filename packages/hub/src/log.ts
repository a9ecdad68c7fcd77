/** The hub's log: one JSON object a line on standard error, without credentials. */
import type { Config } from "@paddock/contract";
import { destination, type Logger, pino } from "pino";

const secretPaths = [
  "authorization",
  "token",
  "headers.authorization",
  "*.authorization",
  "*.token",
  "*.headers.authorization",
];

export const openLog = (level: Config["log_level"], name = "hub"): Logger =>
  pino({ level, name, redact: { paths: secretPaths, censor: "[masked]" } }, destination({ dest: 2, sync: true }));
