/** The runner's log: one JSON object a line on standard error. What writes it is loaded with the first line: most runners write none. */
import { createRequire } from "node:module";
import { type Config, hideKnown } from "@paddock/contract";
import type { Logger } from "pino";

const levels = ["debug", "info", "warn", "error"] as const;
export type Log = Pick<Logger, (typeof levels)[number]>;

export function openLog(level: Config["log_level"]): Log {
  let opened: Logger | null = null;
  const logger = () => {
    opened ??= openPino(level);
    return opened;
  };
  const says = (at: Config["log_level"]) =>
    levels.indexOf(at) < levels.indexOf(level)
      ? () => undefined
      : (fields: object, message?: string) => logger()[at](fields, message);
  return { debug: says("debug"), info: says("info"), warn: says("warn"), error: says("error") };
}

function openPino(level: Config["log_level"]): Logger {
  const { destination, pino } = createRequire(import.meta.url)("pino") as typeof import("pino");
  const errors = destination({ dest: 2, sync: true });
  return pino({ level, name: "runner" }, { write: (line) => void errors.write(hideKnown(line)) });
}
