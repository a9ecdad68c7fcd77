/** Requests to a service that the owner named: bounded in time and size, and never led elsewhere by a redirect. */
import { setTimeout as wait } from "node:timers/promises";
import { PaddockError } from "@paddock/contract";

export interface Request {
  method: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  header(name: string): string;
  text: string;
}

const retryAfterMs = [500, 2_000];
const maxAnswerBytes = 64 * 1024;
const maxLineCharacters = 16 * 1024;

/** The whole answer. Rejects when there is none in time, or too much of one. */
export async function exchange(url: URL, request: Request, timeoutMs: number): Promise<Answer> {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, late]) : late;
  const response = await fetch(url, { ...request, signal, redirect: "error" });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return { status: response.status, header: (name) => response.headers.get(name) ?? "", text };
}

/**
 * Sends it until it is taken, three times at most: null, or why it was not. The same each time, for the other side to know it
 * by. Whoever waits for a way to the owner does not wait for longer than the time for one answer and one more try.
 */
export async function deliver(send: () => Promise<Answer>, timeoutMs: number): Promise<string | null> {
  const end = performance.now() + timeoutMs;
  let fault = await faultIn(send());
  for (const pause of retryAfterMs) {
    if (fault === null || performance.now() + pause > end) break;
    await wait(pause, undefined, { ref: false });
    fault = await faultIn(send());
  }
  return fault;
}

async function faultIn(answer: Promise<Answer>): Promise<string | null> {
  try {
    const { status } = await answer;
    return status >= 200 && status < 300 ? null : `it answered with HTTP ${status}`;
  } catch (error) {
    return faultOf(error);
  }
}

/** The lines of an answer that goes on and on, as they come. Throws when nothing comes for so long, or a line has no end. */
export async function* lines(url: URL, request: Request, idleMs: number): AsyncGenerator<string> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error("nothing came for too long")), idleMs);
  const signal = request.signal ? AbortSignal.any([request.signal, idle.signal]) : idle.signal;
  try {
    const response = await fetch(url, { ...request, signal, redirect: "error" });
    if (!response.ok) throw new Error(`it answered with HTTP ${response.status}`);
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > maxLineCharacters) throw new Error("a line has no end");
      yield* parts;
    }
  } finally {
    clearTimeout(timer);
    idle.abort();
  }
}

/** What went wrong, in few words and without an address: that may hold what others are not to know. */
export function faultOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === "TimeoutError") return "no answer in time";
  const { code, message: deeper } = (cause ?? {}) as { code?: string; message?: string };
  return code ?? deeper ?? message;
}

/** An address that secrets may be sent to: over TLS, or to this machine itself. */
export function guardedUrl(setting: string, text: string): URL {
  const url = new URL(text);
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.username || url.password)
    throw faulty(setting, "holds a user name or password, which a settings file is no place for");
  if (url.protocol !== "https:" && !isHere)
    throw faulty(setting, "is not https, and what is sent there is not for everybody");
  return url;
}

const faulty = (setting: string, why: string) => new PaddockError("invalid_config", `${setting} ${why}.`);
