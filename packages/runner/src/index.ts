/** Where it happens: the runner of a machine. */
export { type Runner, startRunner } from "./main.ts";
export type { RunnerOptions } from "./options.ts";
