/** An ntfy server: publishing to a topic, listening to one, and asking who may read it. */
import { deliver, exchange } from "../http.ts";
import { listen } from "./listen.ts";

export interface Published {
  topic: string;
  title: string;
  message: string;
  /** 1 is the least, 5 the most. */
  priority: number;
  /** A later message with the same one takes the place of the earlier, where server and app know that. */
  sequence_id?: string;
  actions?: readonly { action: "http"; label: string; url: string; method: "POST"; body: string; clear: boolean }[];
}

export interface NtfyServer {
  /** The address of a topic. */
  at(topic: string): URL;
  /** Whether a topic can be read, with the token or by anybody. */
  mayRead(topic: string, as: "owner" | "anybody"): Promise<boolean>;
  /** Rejects when the server did not take it. */
  publish(message: Published): Promise<void>;
  /** What is published to a topic from now on. `listening` is called each time the server has begun to tell. */
  listen(topic: string, listening: () => void, signal: AbortSignal): AsyncGenerator<string>;
}

/** `timeoutMs` is for one answer of the server. */
export const openNtfyServer = (url: URL, token: string | null, timeoutMs: number): NtfyServer =>
  new Server(url, token, timeoutMs);

class Server implements NtfyServer {
  readonly #url: URL;
  readonly #authorization: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;

  constructor(url: URL, token: string | null, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.#authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  }

  /** The server's own address may have a path, too. */
  at(path: string): URL {
    const { href } = this.#url;
    return new URL(path, href.endsWith("/") ? href : `${href}/`);
  }

  async mayRead(topic: string, as: "owner" | "anybody"): Promise<boolean> {
    const headers = as === "owner" ? this.#authorization : {};
    const { status } = await exchange(this.at(`${topic}/auth`), { method: "GET", headers }, this.#timeoutMs);
    if (status === 200) return true;
    if (status === 401 || status === 403) return false;
    throw new Error(`it answered with HTTP ${status}`);
  }

  async publish(message: Published): Promise<void> {
    const headers = { ...this.#authorization, "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(message) } as const;
    const timeoutMs = this.#timeoutMs;
    const fault = await deliver(() => exchange(this.at(""), request, timeoutMs), timeoutMs);
    if (fault !== null) throw new Error(fault);
  }

  listen(topic: string, listening: () => void, signal: AbortSignal): AsyncGenerator<string> {
    return listen(this.at(`${topic}/json`), { method: "GET", headers: this.#authorization, signal }, listening);
  }
}
