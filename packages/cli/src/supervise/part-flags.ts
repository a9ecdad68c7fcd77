/** How much memory the hub and the runner take: settings of their process, from its first moment on. */
import { commandFile } from "../own-command.ts";

/** For the C library: threads that hardly allocate need no arenas of their own, which only hold memory. */
export const oneArena = { MALLOC_ARENA_MAX: "1" };

export const partFlags: readonly string[] = [
  "--disable-warning=ExperimentalWarning",
  // What outlives a request is small here. Left to itself this part of the heap grows to 48 MB under load, and stays so.
  "--max-semi-space-size=2",
  // Buffers count like the rest of the heap instead of against a small limit of their own, so that answers of a megabyte
  // cost fewer collections.
  "--external-memory-accounted-in-global-limit",
  // What they add is no reason to mark the whole heap every few megabytes: most are free again with what is young. With more
  // than this 32 busy clients take over 300 MB.
  "--heap-growing-percent=40",
  // For the one collection after the start.
  "--expose-gc",
  `--import=${new URL("../processes/one-language.mjs", import.meta.url)}`,
];

/** Goes on as `paddock <verb>` with these settings, in the same process; returns where it has them or cannot. */
export function continueAs(verb: "hub" | "runner"): void {
  if (process.execArgv.includes("--expose-gc") || !process.execve) return;
  const options = process.argv.includes("--json") ? ["--json"] : [];
  const words = [process.execPath, ...partFlags, commandFile, verb, ...options];
  process.execve(process.execPath, words, { ...process.env, ...oneArena });
}
