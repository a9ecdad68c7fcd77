/** A connection to the owner's session bus: calls with their replies, and the signals that were subscribed to. */
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Incoming, type Message } from "./read.ts";
import { type Call, encodeCall } from "./write.ts";

export interface Bus {
  /** Rejects for an error reply, a reply that does not come, and a connection that ends. */
  call(call: Call): Promise<Message>;
  /** Asks the bus for signals of that kind. */
  subscribe(rule: string): Promise<void>;
  /** Aborted when the connection is over. */
  readonly over: AbortSignal;
  close(): void;
}

const maxGreetingBytes = 512;

const theBus = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
} as const;

/** `path` is that of the bus's socket; `onSignal` must not throw. Rejects when there is no bus, or none that lets this account in. */
export async function connectBus(path: string, onSignal: (signal: Message) => void, timeoutMs: number): Promise<Bus> {
  const bus = new Connection(connect(path), onSignal, timeoutMs);
  try {
    await bus.greet();
    return bus;
  } catch (error) {
    bus.close();
    throw error;
  }
}

class Connection implements Bus {
  readonly #socket: Socket;
  readonly #onSignal: (signal: Message) => void;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, PromiseWithResolvers<Message>>();
  readonly #over = new AbortController();
  #incoming: Incoming | null = null;
  #greeting = Buffer.alloc(0);
  #greeted: PromiseWithResolvers<void> = Promise.withResolvers();
  #serial = 0;

  constructor(socket: Socket, onSignal: (signal: Message) => void, timeoutMs: number) {
    this.#socket = socket;
    this.#onSignal = onSignal;
    this.#timeoutMs = timeoutMs;
    socket.unref();
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("The bus has gone.")));
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** The bus learns from the kernel who we are; the number only has to agree. */
  async greet(): Promise<void> {
    const account = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
    this.#socket.write(`\0AUTH EXTERNAL ${account}\r\n`);
    await inTime(this.#greeted.promise, this.#timeoutMs);
    this.#socket.write("BEGIN\r\n");
    await this.call({ ...theBus, member: "Hello" });
  }

  async call(call: Call): Promise<Message> {
    if (this.over.aborted) throw this.over.reason;
    this.#serial += 1;
    const serial = this.#serial;
    const reply = Promise.withResolvers<Message>();
    this.#waiting.set(serial, reply);
    try {
      this.#socket.write(encodeCall(call, serial));
      return await inTime(reply.promise, this.#timeoutMs);
    } finally {
      this.#waiting.delete(serial);
    }
  }

  async subscribe(rule: string): Promise<void> {
    await this.call({ ...theBus, member: "AddMatch", body: [["s", rule]] });
  }

  close(): void {
    this.#end(new Error("The connection to the bus was closed."));
  }

  #receive(chunk: Buffer): void {
    try {
      if (this.#incoming) for (const message of this.#incoming.take(chunk)) this.#dispatch(message);
      else this.#greet(chunk);
    } catch (error) {
      this.#end(error);
    }
  }

  #greet(chunk: Buffer): void {
    this.#greeting = Buffer.concat([this.#greeting, chunk]);
    const end = this.#greeting.indexOf("\r\n");
    if (end < 0 && this.#greeting.length > maxGreetingBytes) throw new Error("What answers there is no bus.");
    if (end < 0) return;
    if (!this.#greeting.subarray(0, end).toString("latin1").startsWith("OK ")) {
      throw new Error("The bus does not let this account in.");
    }
    if (this.#greeting.length > end + 2) throw new Error("The bus speaks before it is asked.");
    this.#incoming = new Incoming();
    this.#greeted.resolve();
  }

  #dispatch(message: Message): void {
    // Later than everything that waits for a reply which came before it: a signal may speak of what that reply names.
    if (message.type === "signal") setImmediate(() => this.#onSignal(message));
    const reply = this.#waiting.get(message.replyTo);
    if (message.type === "reply") reply?.resolve(message);
    if (message.type === "error") reply?.reject(new Error(`The bus said ${message.errorName}.`));
  }

  #end(reason: unknown): void {
    if (this.over.aborted) return;
    this.#over.abort(reason);
    this.#socket.destroy();
    this.#greeted.promise.catch(() => undefined);
    this.#greeted.reject(reason);
    for (const { reject } of this.#waiting.values()) reject(reason);
  }
}

async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  const done = new AbortController();
  const late = async (): Promise<never> => {
    await wait(timeoutMs, undefined, { signal: done.signal });
    throw new Error("The bus did not answer in time.");
  };
  try {
    return await Promise.race([answer, late()]);
  } finally {
    done.abort();
  }
}
