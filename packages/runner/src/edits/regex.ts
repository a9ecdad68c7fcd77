/** Replacement by regular expression, in RE2's syntax, with a limit of time and size. */
import { Worker } from "node:worker_threads";
import { PaddockError } from "@paddock/contract";

export interface RegexReplacement {
  content: string;
  pattern: string;
  replacement: string;
  /** g, i, m, s as in JavaScript; u is always on. */
  flags: string;
  /** Most characters of the result. */
  maxCharacters: number;
}

export type RegexAnswer =
  | { type: "replaced"; content: string; count: number }
  | { type: "invalid"; reason: string }
  | { type: "too_large" };

export interface RegexOptions {
  timeoutMs: number;
  signal: AbortSignal;
  /** How messages call the file. */
  name: string;
}

const workerMegabytes = 256;

/** Throws invalid_pattern, file_too_large, timeout, or cancelled when the signal ends the wait. */
export async function replaceRegex(
  request: RegexReplacement,
  options: RegexOptions,
): Promise<{ content: string; count: number }> {
  const answer = await ask(request, options);
  if (answer.type === "replaced") return answer;
  if (answer.type === "invalid") {
    throw new PaddockError("invalid_pattern", `The pattern cannot be used: ${answer.reason}.`);
  }
  throw new PaddockError("file_too_large", `${options.name} would grow beyond ${request.maxCharacters} characters.`);
}

async function ask(request: RegexReplacement, { timeoutMs, signal }: RegexOptions): Promise<RegexAnswer> {
  if (signal.aborted) throw new PaddockError("cancelled", "The call was cancelled.");
  const worker = new Worker(new URL("./regex-worker.ts", import.meta.url), {
    workerData: request,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: workerMegabytes },
  });
  const { promise, resolve, reject } = Promise.withResolvers<RegexAnswer>();
  const cancel = () => reject(new PaddockError("cancelled", "The call was cancelled; nothing was changed."));
  const timer = setTimeout(() => reject(tooSlow(timeoutMs)), timeoutMs);
  signal.addEventListener("abort", cancel, { once: true });
  worker.once("message", resolve);
  worker.once("error", (error) => reject(outOfMemory(error) ? tooSlow(timeoutMs) : error));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
    await worker.terminate();
  }
}

const outOfMemory = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";

const tooSlow = (timeoutMs: number): PaddockError =>
  new PaddockError(
    "timeout",
    `The pattern took more than ${timeoutMs / 1000} s, or too much memory, on this file; nothing was changed.`,
    "Use a simpler pattern: avoid .* before text that is far away, or edit a smaller part with edit_file.",
  );
