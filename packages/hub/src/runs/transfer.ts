/**
 * A file on its way from one machine to another: two runs, whose streams are joined here. The bytes pass through and pile up
 * nowhere. The receiving run is the transfer's own; the sending one ends with it.
 */
import type { Duplex } from "node:stream";
import { PaddockError } from "@paddock/contract";
import type { InputOf } from "@paddock/contract/tools";
import { atEndOf, type OpenRun } from "./open-run.ts";
import type { Answer } from "./runs.ts";
import type { RunRow } from "./store.ts";

export interface TransferParts {
  /** Begins the run of the caller's own tool on the target. */
  receive(onStream: (stream: Duplex) => void): OpenRun | RunRow;
  /** Begins the errand on the source. */
  send(input: InputOf<"send_file">, onStream: (stream: Duplex) => void): OpenRun;
  /** Asks a run to end. */
  cancel(run: OpenRun): void;
}

export function startTransfer(
  { from_path: path, timeout_seconds }: InputOf<"transfer_file">,
  parts: TransferParts,
): OpenRun | RunRow {
  const ends = new Ends();
  let isNew = false;
  const receiving = parts.receive((stream) => {
    isNew = true;
    ends.target(stream);
  });
  // One that an idempotency key names is on its way already, or over.
  if (!isNew || !("waiters" in receiving)) return receiving;
  try {
    const sending = parts.send({ path, timeout_seconds }, (stream) => ends.source(stream));
    atEndOf(sending, (answer) => {
      if (!answer.ok) ends.sourceFailed(answer);
    });
    atEndOf(receiving, () => {
      ends.close();
      parts.cancel(sending);
    });
  } catch (error) {
    if (!(error instanceof PaddockError)) throw error;
    ends.sourceRefused(error);
  }
  return receiving;
}

/** How long after the loss of the source's stream its run is waited for, which says why. */
const lastWordMs = 2_000;

/** The streams of both sides, joined when both are there. */
class Ends {
  #source: Duplex | null = null;
  #target: Duplex | null = null;
  #failure: PaddockError | null = null;
  #hasBegun = false;

  /** A call that is sent again over another link has a stream of its own, with which a transfer cannot go on. */
  source(stream: Duplex): void {
    if (this.#source) stream.destroy();
    else this.#source = stream;
    stream.once("data", () => {
      this.#hasBegun = true;
    });
    stream.pause();
    stream.once("error", () => setTimeout(() => this.#target?.destroy(), lastWordMs).unref());
    this.#join();
  }

  target(stream: Duplex): void {
    if (this.#target) stream.destroy();
    else this.#target = stream;
    stream.once("error", () => this.#source?.destroy());
    this.#join();
  }

  sourceFailed({ envelope }: Answer): void {
    const { code, message, next_step: nextStep } = JSON.parse(envelope.toString("utf8")).data;
    this.sourceRefused(new PaddockError(code, message, nextStep));
  }

  /** Told to the target in the place of an offer; where that has passed, the end of the stream says that it broke. */
  sourceRefused(failure: PaddockError): void {
    this.#failure ??= failure;
    this.#join();
  }

  close(): void {
    this.#source?.destroy();
    this.#target?.destroy();
  }

  #join(): void {
    const [source, target, failure] = [this.#source, this.#target, this.#failure];
    if (!target) return;
    if (failure && this.#hasBegun) target.destroy();
    else if (failure) target.end(`${JSON.stringify({ failed: wordsOf(failure) })}\n`);
    else if (source) {
      source.pipe(target);
      target.pipe(source, { end: false });
    }
  }
}

const wordsOf = ({ code, message, nextStep }: PaddockError) => ({ code, message, nextStep });
