/** Calls a tool over REST, for a hub whose control socket is out of reach. */
import { type Envelope, PaddockError } from "@paddock/contract";
import { failureOf, isErrorAnswer, jsonOf } from "../control/request.ts";

export interface ToolCall {
  tool: string;
  input: unknown;
  workspace?: string | undefined;
  idempotencyKey?: string | undefined;
}

export async function callOverRest(url: string, token: string, call: ToolCall): Promise<Envelope> {
  const response = await fetch(addressOf(url, call), {
    method: "POST",
    redirect: "error",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
      ...(call.idempotencyKey ? { "idempotency-key": call.idempotencyKey } : {}),
    },
    body: JSON.stringify(call.input),
  }).catch((fault: Error) => {
    throw new PaddockError(
      "unavailable",
      `${url} cannot be reached: ${(fault.cause as Error | undefined)?.message ?? fault.message}.`,
      "Check PADDOCK_URL; without it the call goes to the Paddock of this machine.",
    );
  });
  const value = jsonOf(await response.text());
  if (isErrorAnswer(value)) throw failureOf(value);
  return value as Envelope;
}

function addressOf(url: string, { tool, workspace }: ToolCall): URL {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new PaddockError("invalid_config", `PADDOCK_URL is not an address: ${url}.`, "Write http://HOST:PORT.");
  }
  const address = new URL(`/api/v1/tools/${tool}`, url);
  if (workspace) address.searchParams.set("workspace", workspace);
  return address;
}
