/** What a check of the doctor says. */
import type { Places } from "../home.ts";

export interface Finding {
  state: "ok" | "warn" | "fail";
  what: string;
  nextStep?: string;
}

export interface Patient {
  places: Places;
  environment: NodeJS.ProcessEnv;
}

/** Null when there is nothing to look at. */
export type Check = (patient: Patient) => Finding | null | Promise<Finding | null>;

export const ok = (what: string): Finding => ({ state: "ok", what });
export const warn = (what: string, nextStep: string): Finding => ({ state: "warn", what, nextStep });
export const fail = (what: string, nextStep: string): Finding => ({ state: "fail", what, nextStep });
