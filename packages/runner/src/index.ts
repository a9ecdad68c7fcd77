/** Where it happens: the runner of a machine. */
export { type Runner, type RunnerOptions, startRunner } from "./main.ts";
