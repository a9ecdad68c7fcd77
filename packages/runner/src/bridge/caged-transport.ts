/** MCP over the standard streams of a program in a cage. */

import type { Readable } from "node:stream";
import type { JSONRPCMessage, ReadBuffer, Transport } from "@modelcontextprotocol/client";
import type { Caged } from "../sandbox/cage.ts";

export type Sdk = typeof import("@modelcontextprotocol/client");

const maxMessageBytes = 8 * 1024 * 1024;
const maxStderrBytes = 8 * 1024;
const graceMs = 2000;

export class CagedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  /** With `pid`, what the client recognises a transport over standard streams by. */
  readonly stderr: Readable;
  readonly pid: number;
  readonly #caged: Caged;
  readonly #serialize: Sdk["serializeMessage"];
  readonly #buffer: ReadBuffer;
  #said = Buffer.alloc(0);
  #closing: Promise<void> | null = null;

  constructor(caged: Caged, sdk: Sdk) {
    this.#caged = caged;
    this.pid = caged.pid;
    this.stderr = caged.stderr;
    this.#serialize = sdk.serializeMessage;
    this.#buffer = new sdk.ReadBuffer({ maxBufferSize: maxMessageBytes });
  }

  /** The last words of the server on its error stream. */
  get lastWords(): string {
    return this.#said.toString().trim();
  }

  async start(): Promise<void> {
    this.#caged.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#caged.stderr.on("data", (chunk: Buffer) => {
      this.#said = Buffer.concat([this.#said, chunk]).subarray(-maxStderrBytes);
    });
    this.#caged.stdin.on("error", (error) => this.onerror?.(error));
    void this.#caged.exited.then(() => this.close());
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closing) return reject(new Error("The server has ended."));
      this.#caged.stdin.write(this.#serialize(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#caged.stdin.end();
    await this.#caged.kill(graceMs);
    this.onclose?.();
  }

  #take(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
    } catch (error) {
      this.onerror?.(error as Error);
      void this.close();
      return;
    }
    for (;;) {
      try {
        const message = this.#buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error as Error);
      }
    }
  }
}
