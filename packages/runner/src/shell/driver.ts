/**
 * One running bash that takes commands: lines go in through its lane, and what it says of itself comes out. Whatever else
 * appears there is noise from what the command did to its shell, and is passed over.
 */
import type { Socket } from "node:net";
import type { DomainCage, Task } from "../processes/domain-cage.ts";
import { FifoReader, openFifoWriter } from "../processes/fifo.ts";
import type { Lane } from "../processes/lanes.ts";
import { beginText, stateText } from "./script.ts";

/** What a new bash needs to go on where another one ended. */
export interface ShellState {
  directory: string;
  /** Text for bash to read, null for a fresh start. */
  script: Buffer | null;
}

export interface Done {
  exitCode: number;
  directory: string;
}

const maxMessageBytes = 4 * 1024 * 1024;
const donePattern = /^done (\d{1,9}) (\d{1,3}) (\d{0,9}) ([\s\S]*)$/;
const statePattern = /^state ([^\n]*)\n/;

export class Driver {
  readonly task: Task;
  /** Settles with the exit code, null when it is not known, after everything it said was heard. */
  readonly ended: Promise<number | null>;
  readonly #input: Socket;
  readonly #output: FifoReader;
  readonly #errors: FifoReader;
  readonly #cage: DomainCage;
  readonly #onState: (state: ShellState) => void;
  #rest = "";
  #count = 0;
  #directory: string;
  #lastJob = 0;
  #stateHeard: () => void = () => undefined;
  #waiting: { number: number; resolve: (done: Done) => void } | null = null;

  /** `stateFile` is where the script of `former` was put, as it is seen inside. */
  constructor(
    cage: DomainCage,
    lane: Lane,
    former: { file: string | null; directory: string },
    onState: (state: ShellState) => void,
  ) {
    this.#cage = cage;
    this.#onState = onState;
    this.#directory = former.directory;
    this.#input = openFifoWriter(lane.in);
    this.#output = new FifoReader(lane.out, (chunk) => this.#hear(chunk));
    this.#errors = new FifoReader(lane.err, () => undefined);
    this.#output.attach(() => undefined);
    this.#errors.attach(() => undefined);
    this.task = cage.start(lane);
    this.ended = this.task.ended.then((code) => this.#finish(code));
    this.#input.write(beginText(`${cage.inside}/${lane.number}.out`, former));
  }

  /** Pid inside of the newest background job that commands have left; 0 when there is none. */
  get lastJob(): number {
    return this.#lastJob;
  }

  /** Sends a line made by `text`; the answer never comes when bash ends, so race it with `ended`. */
  ask(text: (number: number) => string): Promise<Done> {
    this.#count += 1;
    const number = this.#count;
    this.#input.write(text(number));
    return new Promise((resolve) => {
      this.#waiting = { number, resolve };
    });
  }

  /** Sends lines that nothing is said about. */
  tell(text: string): void {
    this.#input.write(text);
  }

  /** Has the state said, which comes as an event; resolves after the next one. */
  askState(): Promise<void> {
    this.#input.write(stateText);
    return new Promise((resolve) => {
      this.#stateHeard = resolve;
    });
  }

  #hear(chunk: Buffer): void {
    // Byte for byte: a message may be cut anywhere, and a state is given back to bash as it came.
    const messages = `${this.#rest}${chunk.toString("latin1")}`.split("\0");
    this.#rest = messages.pop() ?? "";
    if (this.#rest.length > maxMessageBytes) this.#rest = "";
    for (const message of messages) if (message !== "") this.#take(message);
  }

  #take(message: string): void {
    const [, number, exitCode, job, directory] = donePattern.exec(message) ?? [];
    if (directory !== undefined) {
      if (this.#waiting?.number !== Number(number)) return;
      const { resolve } = this.#waiting;
      this.#waiting = null;
      this.#lastJob = Number(job);
      this.#directory = directoryIn(directory) ?? this.#directory;
      resolve({ exitCode: Number(exitCode), directory: this.#directory });
      return;
    }
    const before = statePattern.exec(message);
    if (before?.[1] === undefined) return;
    this.#directory = directoryIn(before[1]) ?? this.#directory;
    this.#onState({ directory: this.#directory, script: Buffer.from(message.slice(before[0].length), "latin1") });
    this.#stateHeard();
  }

  #finish(code: number | null): number | null {
    this.#output.drain();
    this.#output.close();
    this.#errors.close();
    this.#input.destroy();
    this.#cage.lanes.drop(this.task.lane);
    return code;
  }
}

/** What bash said of its directory; null where a command has taken the variable away from it. */
const directoryIn = (bytes: string): string | null =>
  bytes.startsWith("/") ? Buffer.from(bytes, "latin1").toString("utf8") : null;
