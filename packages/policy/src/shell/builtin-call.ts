/** A command that bash carries out itself, with all that its words may change. */
import type { Numbers } from "./numbers.ts";
import type { Call } from "./reading.ts";

export interface BuiltinCall extends Call {
  numbers: Numbers;
}

export const doubt = ({ reading, place }: BuiltinCall, reason: string): void => reading.doubt(reason, place.text);
