/** MCP over standard input and output, for clients that start a program: one JSON-RPC message a line, both eras. */
import type { Readable, Writable } from "node:stream";
import type { Principal } from "@paddock/contract";
import type { DispatchDeps, Parts } from "../mcp/dispatch.ts";
import { errorAnswer, errorCodes, isMessage } from "../mcp/message.ts";
import type { McpLog } from "../mcp/mount.ts";
import { oneLine } from "../mcp/reply.ts";
import { whenToolsChange } from "../mcp/tools-change.ts";
import { type Connection, connect } from "./connection.ts";
import { lines } from "./lines.ts";

const maxLineBytes = 32 * 1024 * 1024;
const linefeed = Buffer.from("\n");

export interface StdioDeps extends DispatchDeps {
  principal: Principal;
  input: Readable;
  output: Writable;
  /** Anywhere but `output`. */
  log: McpLog;
}

/**
 * Serves one client until its input ends and all its calls are answered, or its output is closed, which ends the waits but
 * not the runs.
 */
export async function serveStdio(deps: StdioDeps): Promise<void> {
  const { input, output, machines } = deps;
  const gone = new AbortController();
  const onGone = () => {
    gone.abort();
    input.destroy();
  };
  output.on("error", onGone).on("close", onGone);
  const send = (parts: Parts) => writeLine(output, parts);
  const connection = connect({ ...deps, send, gone: gone.signal });
  const stopWatching = whenToolsChange(machines, connection.toolsChanged);
  try {
    for await (const line of lines(input, maxLineBytes)) take(line, connection, send);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    stopWatching();
  }
  await connection.idle();
  output.off("error", onGone).off("close", onGone);
}

function writeLine(output: Writable, parts: Parts): void {
  if (!output.writable) return;
  output.cork();
  for (const part of parts) output.write(oneLine(part));
  output.write(linefeed);
  output.uncork();
}

/** `line` is null where it was too long. */
function take(line: Buffer | null, connection: Connection, send: (parts: Parts) => void): void {
  if (line?.length === 0) return;
  const message = line && parse(line);
  if (isMessage(message)) connection.receive(message);
  else if (line === null)
    send([errorAnswer(null, errorCodes.invalidRequest, `A line has at most ${maxLineBytes} bytes.`)]);
  else if (message === undefined)
    send([errorAnswer(null, errorCodes.parse, "Parse error: the line is not valid JSON.")]);
  else send([errorAnswer(null, errorCodes.invalidRequest, "The line is not a JSON-RPC message.")]);
}

/** Undefined for what is not JSON, which no JSON is. */
function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}
