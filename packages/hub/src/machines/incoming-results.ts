/** Results on their way in: a `result` frame announces one, and its bytes follow on its channel in any number of pieces. */

import type { RunId } from "@paddock/contract";
import { maxFrameBytes, type RunnerFrame } from "@paddock/contract/link";
import type { RunResult } from "./machine.ts";

type ResultFrame = Extract<RunnerFrame, { type: "result" }>;

export interface IncomingResults {
  /** Takes the announcement. Returns what is wrong with it, or null. */
  begin(frame: ResultFrame): string | null;
  /** Takes bytes of a channel, in pieces. Returns what is wrong with them, or null. */
  bytes(channel: number, pieces: readonly Buffer[]): string | null;
}

/** All results under way on one link; a hub must survive a runner that announces too much. */
const maxPendingBytes = 8 * maxFrameBytes;

interface Pending {
  frame: ResultFrame;
  total: number;
  received: number;
  pieces: Buffer[];
}

export function openIncomingResults(deliver: (run: RunId, result: RunResult) => void): IncomingResults {
  const pending = new Map<number, Pending>();
  let pendingBytes = 0;

  const finish = ({ frame, total, pieces }: Pending): void => {
    pending.delete(frame.channel);
    pendingBytes -= total;
    const [first] = pieces;
    const bytes = pieces.length === 1 && first ? first : Buffer.concat(pieces, total);
    const [envelopeBytes, contentBytes] = frame.sizes;
    const envelope = bytes.subarray(0, envelopeBytes);
    deliver(frame.run, {
      state: frame.state,
      ok: frame.ok,
      envelope,
      content: contentBytes > 0 ? bytes.subarray(envelopeBytes) : null,
    });
  };

  return {
    begin(frame) {
      const [envelopeBytes, contentBytes] = frame.sizes;
      const total = envelopeBytes + contentBytes;
      if (envelopeBytes < 0 || contentBytes < 0 || total > maxFrameBytes)
        return "the runner announced a result of impossible size";
      if (pendingBytes + total > maxPendingBytes) return "the runner announced more results than the hub can hold";
      if (pending.has(frame.channel)) return "the runner announced two results on one channel";
      const next: Pending = { frame, total, received: 0, pieces: [] };
      pending.set(frame.channel, next);
      pendingBytes += total;
      if (total === 0) finish(next);
      return null;
    },
    bytes(channel, pieces) {
      const target = pending.get(channel);
      if (!target) return "the runner sent bytes that it had not announced";
      target.received += pieces.reduce((sum, { length }) => sum + length, 0);
      if (target.received > target.total) return "the runner sent more bytes than it had announced";
      target.pieces.push(...pieces);
      if (target.received === target.total) finish(target);
      return null;
    },
  };
}
