/**
 * The few things that are asked of a Docker engine, over its socket on this machine. Nothing else is: whoever may speak to
 * the engine is root, so this is all that ever does.
 */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { PaddockError } from "@paddock/contract";

export interface Image {
  id: string;
  /** Variables that the image sets, NAME=value. */
  environment: readonly string[];
}

const maxAnswerBytes = 4 * 1024 * 1024;
const answerMs = 60_000;

interface Answer {
  status: number;
  body: unknown;
}

export class Engine {
  readonly #socket: string;

  /** `socket` is its absolute path. */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** What the engine says of itself. Throws sandbox_unavailable when there is none. */
  async info(): Promise<{ securityOptions: readonly string[] }> {
    const { body } = await this.#ask("GET", "/info");
    const { SecurityOptions } = body as { SecurityOptions?: string[] };
    return { securityOptions: SecurityOptions ?? [] };
  }

  /** Null when the engine does not have it. */
  async image(name: string): Promise<Image | null> {
    const { status, body } = await this.#ask("GET", `/images/${encodeURIComponent(name)}/json`, undefined, [404]);
    if (status === 404) return null;
    const { Id, Config } = body as { Id: string; Config?: { Env?: string[] | null } };
    return { id: Id, environment: Config?.Env ?? [] };
  }

  async create(name: string, container: object): Promise<void> {
    await this.#ask("POST", `/containers/create?name=${name}`, container);
  }

  async start(name: string): Promise<void> {
    await this.#ask("POST", `/containers/${name}/start`);
  }

  /** Process id on this machine of the container's first process; 0 when it does not run. */
  async pid(name: string): Promise<number> {
    const { body } = await this.#ask("GET", `/containers/${name}/json`);
    return (body as { State: { Pid: number } }).State.Pid;
  }

  /** Ends it and everything in it; one that is gone already is fine. */
  async kill(name: string): Promise<void> {
    await this.#ask("DELETE", `/containers/${name}?force=true&v=true`, undefined, [404, 409]);
  }

  /** Resolves with the exit code when it has ended. To be asked before it is started; `signal` ends the wait. */
  async ended(name: string, signal: AbortSignal): Promise<number> {
    const { body } = await this.#ask("POST", `/containers/${name}/wait?condition=next-exit`, undefined, [], signal);
    return (body as { StatusCode: number }).StatusCode;
  }

  /** Names of the containers with this label, whether they run or not. */
  async labelled(label: string): Promise<string[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    const { body } = await this.#ask("GET", `/containers/json?all=true&filters=${filters}`);
    return (body as { Id: string }[]).map(({ Id }) => Id);
  }

  /** The streams of a container that is not started yet: what is written goes to its input, what is read is framed. */
  attach(name: string): Promise<Socket> {
    const path = `/containers/${name}/attach?stream=true&stdin=true&stdout=true&stderr=true`;
    return new Promise((resolve, reject) => {
      const asked = this.#request("POST", path, { connection: "Upgrade", upgrade: "tcp" });
      asked.on("upgrade", (_, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket as Socket);
      });
      asked.on("response", (answer) => {
        answer.resume();
        reject(refusal("POST", path, answer.statusCode ?? 0, ""));
      });
      asked.on("error", (error) => reject(unreachable(this.#socket, error)));
      asked.end();
    });
  }

  #request(method: string, path: string, own: Record<string, string>, signal?: AbortSignal): ClientRequest {
    const headers = { host: "docker", ...own };
    const options = { socketPath: this.#socket, method, path, headers, agent: false };
    return request(signal ? { ...options, signal } : options);
  }

  /** Throws internal for an answer that is neither a success nor one of `also`. */
  async #ask(
    method: string,
    path: string,
    content?: object,
    also: readonly number[] = [],
    signal?: AbortSignal,
  ): Promise<Answer> {
    const text = content === undefined ? "" : JSON.stringify(content);
    const type = { "content-type": "application/json", "content-length": `${Buffer.byteLength(text)}` };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = this.#request(method, path, type, signal);
      if (!signal) asked.setTimeout(answerMs, () => asked.destroy(new Error("it does not answer")));
      asked.on("response", resolve);
      asked.on("error", (error) => reject(unreachable(this.#socket, error)));
      asked.end(text);
    });
    const said = await bodyOf(answer);
    const { statusCode: status = 0 } = answer;
    if (status >= 400 && !also.includes(status)) throw refusal(method, path, status, said);
    return { status, body: said === "" || status >= 400 ? null : JSON.parse(said) };
  }
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new Error("The Docker engine answered with far too much.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const unreachable = (socket: string, { message }: Error): PaddockError =>
  new PaddockError(
    "sandbox_unavailable",
    `No Docker engine answers at ${socket}: ${message}.`,
    "Start it (`systemctl start docker`) and let this account use its socket, or choose another sandbox.",
  );

function refusal(method: string, path: string, status: number, said: string): PaddockError {
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(said)?.[1] ?? said;
  const place = path.split("?")[0];
  return new PaddockError(
    "sandbox_unavailable",
    `The Docker engine refused ${method} ${place} with ${status}: ${message.slice(0, 400)}`,
    "Look at the engine's log; `paddock doctor` tries a container.",
  );
}
