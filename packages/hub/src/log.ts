/** The hub's log: one JSON object a line on standard error, without credentials. What writes it is loaded with the first line. */
import { createRequire } from "node:module";
import { type Config, hideKnown } from "@paddock/contract";
import type { Logger } from "pino";

const secretPaths = [
  "authorization",
  "token",
  "headers.authorization",
  "*.authorization",
  "*.token",
  "*.headers.authorization",
];

const levels = ["debug", "info", "warn", "error"] as const;
export type Log = Pick<Logger, (typeof levels)[number]>;

export function openLog(level: Config["log_level"], name = "hub"): Log {
  let opened: Logger | null = null;
  const logger = () => {
    opened ??= openPino(level, name);
    return opened;
  };
  const says = (at: Config["log_level"]) =>
    levels.indexOf(at) < levels.indexOf(level)
      ? () => undefined
      : (fields: object, message?: string) => logger()[at](fields, message);
  return { debug: says("debug"), info: says("info"), warn: says("warn"), error: says("error") };
}

function openPino(level: Config["log_level"], name: string): Logger {
  const { destination, pino } = createRequire(import.meta.url)("pino") as typeof import("pino");
  const errors = destination({ dest: 2, sync: true });
  const write = (line: string) => void errors.write(hideKnown(line));
  return pino({ level, name, redact: { paths: secretPaths, censor: "[masked]" } }, { write });
}
