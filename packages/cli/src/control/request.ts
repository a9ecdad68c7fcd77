/** Speaks to a control socket of this installation: HTTP with JSON over a unix socket. */
import { request as httpRequest } from "node:http";
import { type ErrorCode, errors, PaddockError } from "@paddock/contract/errors";
import { passphraseHeader } from "@paddock/contract/passphrase";
import { askHidden, canAsk } from "../passphrase/ask.ts";

export interface ControlCall {
  socket: string;
  method?: "GET" | "POST" | "DELETE";
  path: string;
  body?: unknown;
  /** How long to wait for the answer; no end for a tool's call. */
  patience?: "short" | "endless";
}

const shortMs = 30_000;

/** What the owner has typed when it was wanted first; for as long as this command runs. */
let passphrase: string | null = null;

/**
 * The answer's JSON. Asks at the terminal for the passphrase where one is wanted. Throws the PaddockError the other side
 * answered with, or not_running when nobody is there.
 */
export async function control<T>(call: ControlCall): Promise<T> {
  try {
    return await answerTo<T>(call);
  } catch (error) {
    const isWanted = error instanceof PaddockError && error.code === "passphrase_required";
    if (!isWanted || passphrase !== null || !canAsk()) throw error;
    passphrase = await askHidden("Passphrase: ");
    return answerTo<T>(call);
  }
}

async function answerTo<T>(call: ControlCall): Promise<T> {
  const { status, text } = await exchange(call);
  const value = jsonOf(text);
  if (status >= 400 && isErrorAnswer(value)) throw failureOf(value);
  return value as T;
}

/** A refusal of the surface itself; the envelope of a failed tool is an answer like any other. */
export const isErrorAnswer = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "error" in value;

/** The JSON of an answer, as far as it is some. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PaddockError(
      "unavailable",
      "What answered there is not Paddock, or it broke off.",
      "Look at `paddock status`, and at what is in between.",
    );
  }
}

function exchange({ socket: socketPath, method = "GET", path, body, patience = "short" }: ControlCall) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const secret = passphrase === null ? {} : { [passphraseHeader]: Buffer.from(passphrase).toString("base64url") };
    const headers = { "content-type": "application/json", host: "localhost", ...secret };
    const request = httpRequest(
      { socketPath, method, path, headers, agent: false, ...(patience === "short" ? { timeout: shortMs } : {}) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 500, text: Buffer.concat(chunks).toString("utf8") }),
        );
        response.on("error", (fault) => reject(faultOf(fault, socketPath)));
      },
    );
    request.on("error", (fault) => reject(faultOf(fault, socketPath)));
    request.on("timeout", () =>
      request.destroy(new PaddockError("timeout", `Nothing came back in ${shortMs / 1000} s.`)),
    );
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function faultOf(fault: NodeJS.ErrnoException, socket: string): Error {
  const known = fault.code === undefined ? undefined : faults[fault.code];
  return known ? known(socket) : fault;
}

const notRunning = () => new PaddockError("not_running", "Paddock does not run here.");
const notYours = (socket: string) =>
  new PaddockError(
    "permission_denied",
    `${socket} belongs to another account.`,
    "Run this as the one that started it.",
  );
const brokenOff = () =>
  new PaddockError("unavailable", "Paddock ended before it answered.", "Look at `paddock status`, then try again.");

const faults: Readonly<Record<string, (socket: string) => PaddockError>> = {
  ENOENT: notRunning,
  ENOTDIR: notRunning,
  ECONNREFUSED: notRunning,
  EACCES: notYours,
  EPERM: notYours,
  ECONNRESET: brokenOff,
  EPIPE: brokenOff,
};

/** The failure in an error answer of Paddock's own. */
export function failureOf(value: unknown): PaddockError {
  const error = (value as { error?: { code?: string; message?: string; nextStep?: string } } | null)?.error;
  const code = error?.code !== undefined && error.code in errors ? (error.code as ErrorCode) : "internal";
  return new PaddockError(code, error?.message ?? "The answer was not understood.", error?.nextStep);
}

/** Null in the place of an answer when nobody serves the socket. */
export async function whenRunning<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PaddockError && error.code === "not_running") return null;
    throw error;
  }
}
