/** Speaks to a control socket of this installation: HTTP with JSON over a unix socket. */
import { request as httpRequest } from "node:http";
import { type ErrorCode, errors, PaddockError } from "@paddock/contract";

export interface ControlCall {
  socket: string;
  method?: "GET" | "POST" | "DELETE";
  path: string;
  body?: unknown;
}

/** The answer's JSON. Throws the PaddockError the other side answered with, or not_running when nobody is there. */
export async function control<T>(call: ControlCall): Promise<T> {
  const { socket, method = "GET", path, body } = call;
  const { status, text } = await exchange(socket, method, path, body);
  const value: unknown = JSON.parse(text);
  if (status >= 400 && isErrorAnswer(value)) throw failureOf(value);
  return value as T;
}

/** A refusal of the surface itself; the envelope of a failed tool is an answer like any other. */
export const isErrorAnswer = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "error" in value;

function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { socketPath, method, path, headers: { "content-type": "application/json", host: "localhost" } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 500, text: Buffer.concat(chunks).toString("utf8") }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", (fault: NodeJS.ErrnoException) => reject(isAbsent(fault) ? notRunning() : fault));
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const isAbsent = ({ code }: NodeJS.ErrnoException): boolean => code === "ENOENT" || code === "ECONNREFUSED";
const notRunning = () => new PaddockError("not_running", "Paddock does not run here.");

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
