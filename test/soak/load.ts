/**
 * Callers that never stop: each call appends its own line to a file on one machine, is repeated under the same key until
 * its end is told, and is held against what is in the file afterwards.
 */
import { setTimeout as wait } from "node:timers/promises";

export interface Target {
  url: string;
  token: string;
  machine: string;
}

/** How a call ended for its caller: `undone` promises that nothing happened, `unknown` promises nothing. */
export type Told = "done" | "undone" | "unknown" | "never";

export interface CallRecord {
  key: string;
  machine: string;
  told: Told;
  /** Requests that the caller needed until it knew. */
  requests: number;
  /** Of the error; empty for none. */
  code: string;
}

interface Envelope {
  ok: boolean;
  data: { state?: string; run_id?: string; code?: string; exit_code?: number };
}

/** Codes that say nothing has happened and that the same call may be made later. */
const laterCodes: ReadonlySet<string> = new Set([
  "machine_offline",
  "shell_busy",
  "unavailable",
  "too_many",
  "rate_limited",
]);
/** Codes of a run that ended before it began. */
const undoneCodes: ReadonlySet<string> = new Set(["not_sent", "expired"]);
const pauseMs = 250;
const requestMs = 45_000;
const giveUpMs = 180_000;
const waitSeconds = 20;

export const lineOf = (key: string): string => `line ${key}`;

/** Calls until `until()` is true; resolves with all it has been told. */
export async function callOnAndOn(target: Target, name: string, until: () => boolean): Promise<CallRecord[]> {
  const records: CallRecord[] = [];
  for (let number = 0; !until(); number += 1) records.push(await callOnce(target, `${name}-${number}`));
  return records;
}

async function callOnce(target: Target, key: string): Promise<CallRecord> {
  const giveUp = Date.now() + giveUpMs;
  let run: string | null = null;
  for (let requests = 1; Date.now() < giveUp; requests += 1) {
    const envelope: Envelope | null = await (run === null ? start(target, key) : ask(target, run)).catch(() => null);
    const told = envelope ? verdictOf(envelope) : "later";
    if (told !== "later" && told !== "running") {
      return { key, machine: target.machine, told, requests, code: envelope?.data.code ?? "" };
    }
    run = envelope?.data.run_id ?? run;
    if (told === "later") await wait(pauseMs);
  }
  return { key, machine: target.machine, told: "never", requests: 0, code: "" };
}

function verdictOf({ ok, data }: Envelope): Told | "later" | "running" {
  if (ok && data.run_id !== undefined && data.exit_code === undefined) return "running";
  if (ok) return data.exit_code === 0 ? "done" : "unknown";
  const { code = "" } = data;
  if (laterCodes.has(code)) return "later";
  return undoneCodes.has(code) ? "undone" : "unknown";
}

const start = ({ url, token, machine }: Target, key: string): Promise<Envelope> =>
  json(`${url}/api/v1/tools/run_command`, token, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ command: `echo '${lineOf(key)}' >> told.txt`, machine }),
  });

const ask = ({ url, token }: Target, run: string): Promise<Envelope> =>
  json(`${url}/api/v1/runs/${run}?wait=${waitSeconds}`, token, {});

async function json(url: string, token: string, init: RequestInit): Promise<Envelope> {
  const headers = { ...init.headers, authorization: `Bearer ${token}` };
  const answer = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(requestMs) });
  const body = (await answer.json()) as Partial<Envelope>;
  if (body.data === undefined || body.ok === undefined) throw new Error("not an answer of a tool");
  return body as Envelope;
}
